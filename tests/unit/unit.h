/* unit - the verdicts of a unit test.
 *
 *     static void sums(struct test *t)
 *     {
 *         test_check(t, 1 + 1 == 2, "expected 2, came %d", 1 + 1);
 *     }
 *
 *     int main(void)
 *     {
 *         static const struct test_case cases[] = { { "sums", sums }, { NULL, NULL } };
 *
 *         return test_main("calc", cases);
 *     }
 *
 *     ok unit/calc/sums
 *
 * A test goes on after a failure; its first one is told in full, in the FAIL line.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stddef.h>

struct test {
    const char *program, *name;
    int failures;
};

struct test_case {
    const char *name;
    void (*run)(struct test *t);
};

/* Note a failure unless it holds; the text says what was expected and what came. */
__attribute__((format(printf, 3, 4)))
void test_check(struct test *t, bool holds, const char *format, ...);

/* The same for two runs of bytes. */
void test_bytes(struct test *t, const char *what, const void *want, size_t want_size,
                const void *came, size_t came_size);

/* Run all cases, up to one with a NULL name; returns the exit status. */
int test_main(const char *program, const struct test_case *cases);

/* A copy of exactly this size, for AddressSanitizer to watch; the caller frees it. */
char *exact_copy(const void *bytes, size_t size);

/* The next of a repeatable row of random numbers; the seed must not be 0. */
unsigned long chance(unsigned long *seed);

#endif
