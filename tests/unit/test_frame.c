/* Does common/frame know a frame, the beginning of one, and what can never be one, each
 * at the first byte that says so?
 *
 *     $ cc -o /tmp/t tests/unit/test_frame.c tests/unit/unit.c common/frame.c && /tmp/t
 *
 * What to expect comes from a second reading of docs/protocol.md: an automaton that
 * takes one byte after the other and shares nothing with the codec.
 */
#include "../../common/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

struct automaton {
    enum { LENGTH, PAYLOAD, TRAILER, WHOLE, IMPOSSIBLE } state;
    int digits;             /* of the length, so far */
    unsigned long length;   /* its value */
    unsigned long left;     /* of the payload */
};

static void automaton_feed(struct automaton *a, unsigned char c)
{
    switch (a->state) {
    case LENGTH:
        if (c == '@' && a->digits > 0) {
            a->left = a->length;
            a->state = a->length > 0 ? PAYLOAD : TRAILER;
        } else if (c >= '0' && c <= '9' && !(a->digits == 1 && a->length == 0)
                   && a->length * 10 + c - '0' < 4096) {
            a->length = a->length * 10 + c - '0';
            a->digits++;
        } else {
            a->state = IMPOSSIBLE;
        }
        break;
    case PAYLOAD:
        if (--a->left == 0)
            a->state = TRAILER;
        break;
    case TRAILER:
        a->state = c == '@' ? WHOLE : IMPOSSIBLE;
        break;
    case WHOLE: case IMPOSSIBLE:
        break;
    }
}

static const char *const outcome_names[] = {
    [FRAME_READY] = "READY", [FRAME_PARTIAL] = "PARTIAL", [FRAME_BAD] = "BAD"
};

/* Decode an exact copy, and compare all that is said of it with the automaton. */
static enum frame_outcome compare(struct test *t, const char *bytes, size_t n)
{
    struct automaton a = { .state = LENGTH };
    enum frame_outcome want, came;
    struct frame f = { 0 };
    char *copy = exact_copy(bytes, n);
    size_t size = 0;

    while (size < n && a.state != WHOLE && a.state != IMPOSSIBLE)
        automaton_feed(&a, (unsigned char)bytes[size++]);
    want = a.state == WHOLE ? FRAME_READY
           : a.state == IMPOSSIBLE ? FRAME_BAD : FRAME_PARTIAL;
    came = frame_decode(copy, n, &f);
    test_check(t, came == want, "\"%.*s\": expected %s, came %s", n < 40 ? (int)n : 40,
               bytes, outcome_names[want], outcome_names[came]);
    if (came == FRAME_READY && want == FRAME_READY)
        test_check(t, f.size == size && f.length == a.length
                      && f.payload == copy + size - a.length - 1,
                   "frame of %lu bytes: size %u, length %u, payload at %td", a.length,
                   f.size, f.length, f.payload - copy);
    free(copy);
    return came;
}

static const unsigned lengths[] = {
    0, 1, 2, 9, 10, 11, 99, 100, 101, 999, 1000, 1001, 4094, 4095
};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/* A frame whose payload has every byte value, '@', digits and NUL among them. */
static size_t make_frame(char *to, unsigned length)
{
    int head = sprintf(to, "%u@", length);

    for (unsigned i = 0; i < length; i++)
        to[(unsigned)head + i] = (char)(i * 7 + '0');
    to[(unsigned)head + length] = '@';
    return (size_t)head + length + 1;
}

/* Is each proper prefix of a frame PARTIAL, and the frame READY, whatever follows? */
static void every_split(struct test *t)
{
    char bytes[FRAME_SIZE_MAX + 3];

    for (int i = 0; i < LENGTHS; i++) {
        size_t size = make_frame(bytes, lengths[i]);

        for (size_t k = 0; k < size; k++)
            test_check(t, compare(t, bytes, k) == FRAME_PARTIAL,
                       "the first %zu of %zu bytes: not PARTIAL", k, size);
        memcpy(bytes + size, "9@", 3);
        for (size_t k = size; k <= size + 2; k++)
            test_check(t, compare(t, bytes, k) == FRAME_READY,
                       "a frame and %zu bytes: not READY", k - size);
    }
}

/* After each of these a decoder is in a state of its own: what may follow there? */
static void every_byte_in_every_state(struct test *t)
{
    static const char *const before[] = {
        "", "0", "1", "4", "9", "10", "40", "41", "99", "100", "409", "410", "999",
        "1000", "4095", "0@", "1@", "1@x", "1@@", "2@", "2@x", "2@xy", "10@012345678",
        "10@0123456789"
    };

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        for (int c = 0; c < 256; c++) {
            char bytes[32];
            size_t n = strlen(before[i]);

            memcpy(bytes, before[i], n);
            bytes[n] = (char)c;
            compare(t, bytes, n + 1);
            bytes[n + 1] = '@';
            compare(t, bytes, n + 2);
        }
}

/* Every input of up to seven bytes that can be made of these. */
static void every_short_input(struct test *t)
{
    static const char alphabet[] = "0149@x";
    enum { LETTERS = sizeof alphabet - 1, LONGEST = 7 };
    size_t count = 1;

    for (size_t n = 0; n <= LONGEST; n++, count *= LETTERS)
        for (size_t i = 0; i < count; i++) {
            char bytes[LONGEST];
            size_t rest = i;

            for (size_t k = 0; k < n; k++, rest /= LETTERS)
                bytes[k] = alphabet[rest % LETTERS];
            compare(t, bytes, n);
        }
}

/* Is a bad frame known at its first impossible byte, and not before? */
static void first_impossible_byte(struct test *t)
{
    static const struct {
        const char *bytes;
        size_t good;        /* how many of them may still become a frame */
    } rows[] = {
        { "-1@", 0 }, { "+9@", 0 }, { "@", 0 }, { "x", 0 }, { " 9@", 0 }, { "\r", 0 },
        { "007@", 1 }, { "00@", 1 }, { "01@", 1 }, { "9x", 1 }, { "9 @", 1 },
        { "4096@", 3 }, { "5000@", 3 }, { "9999@", 3 }, { "410000@", 3 },
        { "40950@", 4 }, { "10000@", 4 }, { "12345678901234567890@", 4 },
        { "0@x", 2 }, { "1@xx", 3 }, { "9@10 + 1234 ", 11 },
        { "9@10 + 12345@", 11 }, { "GET / HTTP/1.1", 0 }, { "\x16\x03\x01", 0 },
        { "\xff\xfb\x01", 0 }
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i].bytes);

        for (size_t k = 0; k <= n; k++) {
            enum frame_outcome came = compare(t, rows[i].bytes, k);

            test_check(t, (came == FRAME_BAD) == (k > rows[i].good),
                       "the first %zu bytes of \"%s\": %s", k, rows[i].bytes,
                       outcome_names[came]);
        }
    }
}

/* Is what frame_encode writes what frame_decode reads, for every length there is, and
 * not a byte more than its frame? */
static void encode_every_length(struct test *t)
{
    char payload[FRAME_PAYLOAD_MAX], want[FRAME_SIZE_MAX + 1];

    for (unsigned i = 0; i < sizeof payload; i++)
        payload[i] = (char)(i * 11);
    for (unsigned length = 0; length <= FRAME_PAYLOAD_MAX; length++) {
        size_t head = (size_t)sprintf(want, "%u@", length), size = head + length + 1;
        char *to = exact_copy(want, size), *from = exact_copy(payload, length);
        size_t came = frame_encode(to, from, length);

        memcpy(want + head, payload, length);
        want[size - 1] = '@';
        test_bytes(t, "frame_encode", want, size, to, came);
        test_check(t, compare(t, to, came) == FRAME_READY, "length %u: not read back",
                   length);
        free(to);
        free(from);
    }
}

int main(void)
{
    static const struct test_case cases[] = {
        { "every_split", every_split },
        { "every_byte_in_every_state", every_byte_in_every_state },
        { "every_short_input", every_short_input },
        { "first_impossible_byte", first_impossible_byte },
        { "encode_every_length", encode_every_length },
        { NULL, NULL }
    };

    return test_main("frame", cases);
}
