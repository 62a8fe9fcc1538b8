/* Does a buffer hold memory only while it holds bytes, and never lose one? */
#include "../../common/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "unit.h"

static struct workspace work;

static void fill(struct buffer *b, const char *text)
{
    memcpy(b->data + b->end, text, strlen(text));
    b->end += (uint32_t)strlen(text);
}

static void check_holds(struct test *t, const struct buffer *b, const char *text)
{
    test_bytes(t, "the buffer", text, strlen(text),
               b->data != NULL ? b->data + b->start : "", buffer_length(b));
}

static void empty_has_no_memory(struct test *t)
{
    struct buffer b = { .data = NULL };

    buffer_borrow(&b, work.in, &work);
    test_check(t, b.data == work.in && buffer_length(&b) == 0, "not the workspace");
    test_check(t, buffer_keep(&b, &work) && b.data == NULL, "memory for no bytes");
    fill((buffer_borrow(&b, work.in, &work), &b), "abc");
    b.start = 3;
    test_check(t, buffer_keep(&b, &work) && b.data == NULL && b.end == 0,
               "memory for bytes that were used up");
    buffer_free(&b);
}

static void keeps_what_is_left(struct test *t)
{
    struct buffer b = { .data = NULL };
    long blocks = fake.blocks;
    char *own;

    buffer_borrow(&b, work.in, &work);
    fill(&b, "abcdef");
    b.start = 2;
    test_check(t, buffer_keep(&b, &work), "no memory");
    check_holds(t, &b, "cdef");
    test_check(t, b.data != work.in && b.start == 0, "still in the workspace");
    memset(work.in, 'x', 16);
    check_holds(t, &b, "cdef");
    own = b.data;
    b.start = 1;
    test_check(t, buffer_keep(&b, &work) && b.data == own, "moved for nothing");
    check_holds(t, &b, "def");
    buffer_borrow(&b, work.in, &work);
    test_check(t, b.data == work.in && b.start == 0, "not at the front of it");
    fill(&b, "gh");
    check_holds(t, &b, "defgh");
    test_check(t, buffer_keep(&b, &work), "no memory");
    check_holds(t, &b, "defgh");
    b.start = b.end;
    test_check(t, buffer_keep(&b, &work) && b.data == NULL, "memory for no bytes");
    test_check(t, fake.blocks == blocks, "%ld blocks leaked", fake.blocks - blocks);
}

/* Borrowing twice in one turn: the bytes move to the front, or stay. */
static void borrowed_twice(struct test *t)
{
    struct buffer b = { .data = NULL };

    buffer_borrow(&b, work.in, &work);
    fill(&b, "abcdef");
    buffer_borrow(&b, work.in, &work);
    check_holds(t, &b, "abcdef");
    b.start = 1;
    buffer_borrow(&b, work.in, &work);    /* source and destination overlap */
    check_holds(t, &b, "bcdef");
    test_check(t, b.start == 0 && b.data == work.in, "not at the front");
    buffer_borrow(&b, work.out, &work);
    check_holds(t, &b, "bcdef");
    test_check(t, b.data == work.out, "not in the other half");
    b.start = b.end;
    buffer_keep(&b, &work);
}

static void without_memory(struct test *t)
{
    struct buffer b = { .data = NULL };

    buffer_borrow(&b, work.out, &work);
    fill(&b, "abc");
    fake.no_memory = true;
    test_check(t, !buffer_keep(&b, &work), "it says there was memory");
    test_check(t, b.data == NULL && buffer_length(&b) == 0, "it is not empty");
    fake.no_memory = false;
    buffer_free(&b);
}

static void less_than_64_kib(struct test *t)
{
    test_check(t, BUFFER_IN + BUFFER_OUT + sizeof(struct conn) < 64 * 1024,
               "%zu bytes", BUFFER_IN + BUFFER_OUT + sizeof(struct conn));
    test_check(t, sizeof work == BUFFER_IN + BUFFER_OUT, "%zu bytes of workspace",
               sizeof work);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "empty_has_no_memory", empty_has_no_memory },
        { "keeps_what_is_left", keeps_what_is_left },
        { "borrowed_twice", borrowed_twice },
        { "without_memory", without_memory },
        { "less_than_64_kib", less_than_64_kib },
        { NULL, NULL }
    };

    return test_main("buffer", cases);
}
