/* The checks that only chat has: does everybody hear the same lines, whole and in order?
 *
 * What is asked of a chat server is in docs/labs/08-chat.md. The other stages' checks that
 * ask for the speaker's own line serve chat as well: see hear_reply. */
#define _GNU_SOURCE
#include "room.h"
#include "watch.h"

#include "../lib/guard.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MOST = 1000 };

void chat_all_hear(struct exam *e)
{
    struct room r = room_make(e, 3);

    did(e, "3 clients were there; each said 5 lines in turn");
    blame(e, SILENCE, "not-to-all");
    for (int i = 0; i < 15; i++)
        room_speak(e, &r, i % 3);
}

/* Half a line, then another client's line, then the other half. */
static void pieces(struct exam *e)
{
    struct room r = room_make(e, 3);

    blame_all(e, "line-torn");
    blame(e, SILENCE, NULL);
    for (int i = 0; i < 6; i++) {
        struct question q;
        size_t cut;

        question_make(e, &q);
        cut = 1 + (size_t)random_below(e, (long)q.in_len - 1);
        did(e, "A client sent \"%.*s\", a part of a line; then another sent a whole line",
            (int)cut, q.in);
        expects(e, "the other's line with everybody, and nothing of the part");
        say(e, r.fds[0], q.in, cut);
        settle(e, r.fds[0]);
        room_speak(e, &r, 1);
        did(e, "Then the rest of the line came, \"%.*s\"", (int)(q.in_len - cut) - 1,
            q.in + cut);
        expects(e, "the whole line with everybody: %.*s", (int)q.out_len - 1, q.out);
        say(e, r.fds[0], q.in + cut, q.in_len - cut);
        room_hear(e, &r, q.out, q.out_len);
    }
}

static void many(struct exam *e)
{
    struct room r = room_make(e, 3);

    for (int i = 0; i < 6; i++) {
        struct script t = { 0 };
        long n = 2 + random_below(e, 8);

        stream_fill(e, &t, n);
        stream_end(e, &t, CLIENT_STAYS);
        did(e, "A client sent %ld lines in one piece", n);
        expects(e, "all of them with everybody, in this order");
        blame_all(e, e->framing ? e->framing : "order-changed");
        blame(e, SILENCE, e->framing ? e->framing : "one-reply-a-read");
        say(e, r.fds[i % 3], t.bytes, t.len);
        room_hear(e, &r, t.replies, t.replies_len);
        script_free(&t);
    }
}

/* Two speak at the same time, byte by byte. */
static void bytewise(struct exam *e)
{
    struct room r = room_make(e, 3);
    struct question a, b;

    question_make(e, &a);
    question_make(e, &b);
    did(e, "Two clients sent a line each, in turn byte by byte");
    expects(e, "both lines whole, with everybody");
    blame_all(e, e->framing ? e->framing : "line-torn");
    for (size_t i = 0; i + 1 < a.in_len || i + 1 < b.in_len; i++) {
        if (i + 1 < a.in_len)
            say(e, r.fds[0], a.in + i, 1);
        if (i + 1 < b.in_len)
            say(e, r.fds[1], b.in + i, 1);
        settle(e, r.fds[1]);
    }
    say(e, r.fds[1], "\n", 1);
    room_hear(e, &r, b.out, b.out_len);
    say(e, r.fds[0], "\n", 1);
    room_hear(e, &r, a.out, a.out_len);
}

/* A line of every byte but the LF, and the longest line. */
static void any_byte(struct exam *e)
{
    struct room r = room_make(e, 2);
    char line[256];
    int shift = (int)random_below(e, 256), len = 0;

    for (int i = 0; i < 256; i++)
        if ((char)(i + shift) != '\n')
            line[len++] = (char)(i + shift);
    line[len++] = '\n';
    did(e, "A line held the bytes 0 to 255, each value once, the LF last");
    expects(e, "all 256 with everybody, the NUL too");
    blame_all(e, e->framing ? e->framing : "nul-ends-it");
    say(e, r.fds[1], line, (size_t)len);
    room_hear(e, &r, line, (size_t)len);
}

static void longest(struct exam *e)
{
    struct room r = room_make(e, 2);
    char line[LINE_MOST];

    blame_all(e, e->framing ? e->framing : "small-buffer");
    blame_end(e, "small-buffer", "small-buffer");
    for (int i = 0; i < 6; i++) {
        int len = i == 0 ? LINE_MOST : 200 + (int)random_below(e, LINE_MOST - 200);

        memset(line, 'a' + i, sizeof line);
        line[len - 1] = '\n';
        did(e, "A line of %d bytes came, the LF counted", len);
        expects(e, "the whole line with everybody");
        say(e, r.fds[i % 2], line, (size_t)len);
        room_hear(e, &r, line, (size_t)len);
    }
}

const struct check stream_chat[] = {
    { "pieces", 6, pieces, 0 },
    { "many", 4, many, 0 },
    { "bytewise", 3, bytewise, 0 },
    { "any-byte", 4, any_byte, 0 },
    { "longest", 3, longest, 0 },
    { 0 }
};

/* One says nothing, one has said half a line. */
void chat_silent(struct exam *e)
{
    struct room r = { .count = 0 };
    int half = come(e);

    say(e, half, "half a", 6);
    settle(e, half);
    r.fds[r.count++] = come(e);
    settle(e, r.fds[0]);
    did(e, "A client sent half a line, one said nothing, and one came and said a line");
    expects(e, "the line with the one that came");
    blame_all(e, "one-at-a-time");
    r.fds[r.count++] = come(e);
    ask(e, r.fds[1]);
    ask(e, r.fds[0]); /* it hears the line of the other first */
    hear_nothing(e, r.fds[0], 0);
}

/* All speak at once: there is one order, the same for all. */
void chat_order(struct exam *e)
{
    struct room r = room_make(e, 12 + (int)random_below(e, 10));
    char first[ROOM_MOST * sizeof(struct question)], *at = first;
    struct question q[ROOM_MOST];
    size_t len = 0;
    double end;

    for (int i = 0; i < r.count; i++) {
        question_make(e, &q[i]);
        len += q[i].in_len;
    }
    did(e, "%d clients said a line at the same time", r.count);
    expects(e, "all lines with everybody, in the same order");
    blame_all(e, e->framing ? e->framing : "order-changed");
    blame(e, SILENCE, e->framing ? e->framing : "not-to-all");
    for (int i = 0; i < r.count; i++)
        say(e, r.fds[i], q[i].in, q[i].in_len);
    for (end = guard_now() + e->patience; at < first + len;) {
        ssize_t n = client_wait(r.fds[0], end) == CLIENT_HAS_BYTES
                        ? recv(r.fds[0], at, (size_t)(first + len - at), 0)
                        : -1;

        if (n <= 0)
            fail(e, SILENCE, NULL, "%d of %zu bytes", (int)(at - first), len);
        at += n;
    }
    for (int i = 0; i < r.count; i++) /* each line once, and whole */
        if (!memmem(first, len, q[i].out, q[i].out_len))
            fail(e, WRONG, NULL, "no line \"%.*s\"", (int)q[i].out_len - 1, q[i].out);
    for (int i = 1; i < r.count; i++)
        hear(e, r.fds[i], first, len);
}

/* What came before the FIN was said. */
void chat_leave(struct exam *e)
{
    struct room r = room_make(e, 8);

    did(e, "A client said a line and left at once, with a FIN");
    expects(e, "the line with the others, and the talk goes on");
    blame(e, SILENCE, e->framing ? e->framing : "half-close-unanswered");
    for (; r.count > 2; room_speak(e, &r, 0)) {
        int leaver = r.fds[--r.count];
        struct question q;

        question_make(e, &q);
        say(e, leaver, q.in, q.in_len);
        client_finish(leaver);
        room_hear(e, &r, q.out, q.out_len);
        close(leaver);
    }
}

/* A line without its LF was never said. */
void chat_cut(struct exam *e)
{
    struct room r = room_make(e, 3);
    int leaver = r.fds[--r.count];

    did(e, "A client sent \"half a\" and left; then another said a line");
    expects(e, "its line with everybody, and nothing of the half");
    blame_all(e, e->framing ? e->framing : "line-torn");
    blame(e, SILENCE, NULL);
    say(e, leaver, "half a", 6);
    client_finish(leaver);
    settle(e, leaver);
    room_speak(e, &r, 0);
    room_speak(e, &r, 1);
}
