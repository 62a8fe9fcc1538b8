#define _GNU_SOURCE
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail_begin(struct test *t)
{
    if (t->failures++ == 0)
        printf("FAIL unit/%s/%s: ", t->program, t->name);
}

void test_check(struct test *t, bool holds, const char *format, ...)
{
    va_list arguments;

    if (holds)
        return;
    fail_begin(t);
    if (t->failures > 1)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static void print_bytes(const char *bytes, size_t size)
{
    putchar('"');
    for (size_t i = 0; i < size && i < 120; i++)
        if (bytes[i] >= ' ' && bytes[i] <= '~')
            putchar(bytes[i]);
        else
            printf("\\x%02x", (unsigned)(unsigned char)bytes[i]);
    printf("\" (%zu bytes)", size);
}

void test_bytes(struct test *t, const char *what, const void *want, size_t want_size,
                const void *came, size_t came_size)
{
    if (want_size == came_size
        && (want_size == 0 || memcmp(want, came, want_size) == 0))
        return;
    fail_begin(t);
    if (t->failures > 1)
        return;
    printf("%s: expected ", what);
    print_bytes(want, want_size);
    printf(", came ");
    print_bytes(came, came_size);
    putchar('\n');
}

/* A case that does not end is ended by SIGALRM, and tests/unit/run says so. */
enum { CASE_SECONDS = 60 };

int test_main(const char *program, const struct test_case *cases)
{
    int status = EXIT_SUCCESS;

    for (; cases->name != NULL; cases++) {
        struct test t = { program, cases->name, 0 };

        alarm(CASE_SECONDS);
        cases->run(&t);
        if (t.failures == 0)
            printf("ok unit/%s/%s\n", program, cases->name);
        else
            status = EXIT_FAILURE;
        fflush(stdout);
    }
    return status;
}

char *exact_copy(const void *bytes, size_t size)
{
    char *copy = malloc(size);

    if (copy == NULL && size > 0)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

unsigned long chance(unsigned long *seed)
{
    unsigned long x = *seed & 0xffffffff;

    x ^= x << 13 & 0xffffffff;
    x ^= x >> 17;
    x ^= x << 5 & 0xffffffff;
    return *seed = x;
}
