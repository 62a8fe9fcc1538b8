/* Stage 2, stream: is the reply stream the same however the bytes are cut? */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include "../lib/check.h"
#include "../lib/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The next `n` questions, each whole and alone: what is answered wrongly then is no matter of
 * the cuts. Afterwards they are the next ones again. */
static void ask_whole(struct exam *e, long n)
{
    uint64_t was = e->random;

    did(e, "%ld request%s came, each whole and alone", n, n == 1 ? "" : "s");
    expects(e, "a reply for each");
    for (long i = 0; i < n; i++) {
        int fd = come(e);

        ask(e, fd);
        close(fd);
    }
    e->random = was;
}

/* Every split of one request, each on a connection of its own. */
static void pieces(struct exam *e)
{
    struct question q;
    int calm;

    did(e, "A client connected, and asked a moment later");
    expects(e, "a reply");
    settle(e, calm = come(e));
    ask(e, calm);
    close(calm);
    ask_whole(e, 1);
    question_make(e, &q);
    blame_all(e, e->echo ? NULL : "read-is-message");
    for (size_t cut = 1; cut < q.in_len; cut++) {
        /* The seed chooses where to begin. */
        size_t at = 1 + (size_t)((cut + e->seed) % (q.in_len - 1));
        char first[CHECK_SHOWN], second[CHECK_SHOWN], due[CHECK_SHOWN];
        int fd = come(e);

        did(e, "\"%.*s\" came whole, and was answered. Then it came in two pieces, as %s and %s",
            (int)q.in_len - e->echo, q.in, check_escape(first, q.in, at),
            check_escape(second, q.in + at, q.in_len - at));
        expects(e, "one reply, %s", check_escape(due, q.out, q.out_len));
        e->sheet->skipped = (int)(q.in_len - 1 - cut);
        if (e->echo) {
            converse(e, fd, q.in, at, CLIENT_STAYS, q.out, at);
            converse(e, fd, q.in + at, q.in_len - at, CLIENT_STAYS, q.out + at,
                     q.out_len - at);
        } else {
            say(e, fd, q.in, at);
            settle(e, fd);
            converse(e, fd, q.in + at, q.in_len - at, CLIENT_STAYS, q.out, q.out_len);
        }
        close(fd);
    }
    e->sheet->skipped = 0;
}

static void bytewise(struct exam *e)
{
    struct script t = { 0 };
    int fd;

    ask_whole(e, 3);
    fd = come(e);
    stream_fill(e, &t, 3);
    stream_end(e, &t, CLIENT_STAYS);
    did(e, "3 requests came byte by byte");
    expects(e, "the 3 replies");
    blame_all(e, e->echo ? NULL : "read-is-message");
    for (size_t i = 0; i < t.len; i++) {
        say(e, fd, t.bytes + i, 1);
        if (!e->echo)
            settle(e, fd);
        else
            hear(e, fd, t.replies + i, 1);
    }
    if (!e->echo)
        hear(e, fd, t.replies, t.replies_len);
}

/* Several in one send. Where not even two are answered, a recv is taken for a message;
 * where the first is, the rest lies in the buffer. */
static void many(struct exam *e)
{
    struct script t = { 0 };
    long n = 2 + random_below(e, 4);
    int fd;

    ask_whole(e, n);
    fd = come(e);
    stream_fill(e, &t, n);
    stream_end(e, &t, CLIENT_STAYS);
    did(e, "%ld requests came in one piece: %.*s", n, (int)t.len - e->echo, t.bytes);
    expects(e, "%.*s", (int)t.replies_len - e->echo, t.replies);
    if (!e->echo) {
        blame_all(e, "read-is-message");
        blame(e, SILENCE, e->framing ? e->framing : "one-reply-a-read");
    }
    converse(e, fd, t.bytes, t.len, CLIENT_STAYS, t.replies, t.replies_len);
}

/* NUL and @ in payloads: they are counted, not looked at. */
static void binary(struct exam *e)
{
    static const char *const names[] = { "a NUL", "an @" };
    static const char bytes[] = "\0@";
    long a = 1 + random_below(e, 8), b = 1 + random_below(e, 8);

    for (int i = 0; i < 4; i++) {
        char in[100], shown[CHECK_SHOWN];
        struct script t = { 0 };
        int n, fd = come(e);

        if (i % 2) /* as far as the strange byte it is a sum */
            n = snprintf(in, sizeof in, "7@%ld + %ld%c%ld@", a, b, 'x', b);
        else /* it is the operator */
            n = snprintf(in, sizeof in, "5@%ld %c %ld@", a, 'x', b);
        *strchr(in, 'x') = bytes[i / 2];
        n += snprintf(in + n, sizeof in - (size_t)n, "5@%ld * %ld@", a, b);
        script_add(&t, in, (size_t)n);
        script_ready(&t, CLIENT_STAYS);
        did(e, "A payload with %s in it, then a sum: %s", names[i / 2],
            check_escape(shown, in, (size_t)n));
        expects(e, "%.*s (%s; the sum after it is right)", (int)t.replies_len, t.replies,
                i % 2 ? "4: malformed" : "2: no such operator");
        if (!e->framing)
            blame_all(e, i / 2 ? "payload-is-searched" : "nul-ends-it");
        else
            blame_all(e, e->framing);
        converse(e, fd, t.bytes, t.len, CLIENT_STAYS, t.replies, t.replies_len);
        close(fd);
        script_free(&t);
    }
}

static void binary_echo(struct exam *e)
{
    unsigned char all[256];
    long shift = random_below(e, 256);
    int fd = come(e);

    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)(i + shift);
    did(e, "The bytes 0 to 255 came, each value once");
    expects(e, "all 256 back, the NUL too");
    blame_all(e, "nul-ends-it");
    converse(e, fd, all, 256, CLIENT_STAYS, all, 256);
}

/* More than one recv takes: the rest must not be forgotten. */
static void burst(struct exam *e)
{
    struct script t = { 0 };
    long n = e->echo ? 40000 : 4000;
    int fd = come(e);

    n += random_below(e, n / 4);
    stream_fill(e, &t, n);
    stream_end(e, &t, CLIENT_STAYS);
    did(e, "%ld requests came at once, %zu bytes, and their replies were read", n, t.len);
    expects(e, "all %zu bytes of the replies", t.replies_len);
    if (e->framing)
        blame_all(e, e->framing);
    else
        blame(e, SILENCE, "one-reply-a-read");
    blame(e, WRONG, e->framing ? e->framing : "short-write");
    converse(e, fd, t.bytes, t.len, CLIENT_STAYS, t.replies, t.replies_len);
}

/* The longest payload there is. */
static void longest(struct exam *e)
{
    static const int lengths[] = { 200, 1100, 4095 };
    char payload[4200];

    blame_all(e, e->framing ? e->framing : "small-buffer");
    blame_end(e, "small-buffer", "small-buffer");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int len = lengths[i] - (int)random_below(e, i == 2 ? 1 : 20), fd = come(e);
        struct script t = { 0 };

        memset(payload, '0', sizeof payload);
        memcpy(payload, "7 + ", 4);
        payload[len - 1] = '9';
        script_add_frame(&t, payload, (size_t)len);
        script_ready(&t, CLIENT_STAYS);
        did(e, "A request with a payload of %d bytes came: \"7 + 000...09\"", len);
        expects(e, "%.*s", (int)t.replies_len, t.replies);
        converse(e, fd, t.bytes, t.len, CLIENT_STAYS, t.replies, t.replies_len);
        script_free(&t);
        close(fd);
    }
}

/* White space between frames, as telnet sends it. */
static void white_space(struct exam *e)
{
    struct question q;
    struct script t = { 0 };
    char shown[CHECK_SHOWN], due[CHECK_SHOWN];
    int fd = come(e);

    question_make(e, &q);
    script_add(&t, q.in, q.in_len);
    script_add_text(&t, "\r\n");
    script_add_text(&t, " \t");
    question_make(e, &q);
    script_add(&t, q.in, q.in_len);
    script_ready(&t, CLIENT_STAYS);
    did(e, "Two requests came with white space between them: %s",
        check_escape(shown, t.bytes, t.len));
    expects(e, "%s: the LF is answered with CR LF",
            check_escape(due, t.replies, t.replies_len));
    blame_all(e, e->framing ? e->framing : "white-space");
    converse(e, fd, t.bytes, t.len, CLIENT_STAYS, t.replies, t.replies_len);
}

const struct check stream_calc[] = {
    { "pieces", 5, pieces, 0 },
    { "many", 4, many, 0 },
    { "bytewise", 3, bytewise, 0 },
    { "binary", 3, binary, 0 },
    { "burst", 2, burst, 0 },
    { "longest", 2, longest, 0 },
    { "white-space", 1, white_space, 0 },
    { 0 }
};

const struct check stream_echo[] = {
    { "pieces", 4, pieces, 0 },
    { "many", 4, many, 0 },
    { "bytewise", 3, bytewise, 0 },
    { "binary", 4, binary_echo, 0 },
    { "burst", 5, burst, 0 },
    { 0 }
};
