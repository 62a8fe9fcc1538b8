/* The checks that only chat has: does everybody hear the same lines, whole and in order?
 *
 * What is asked of a chat server is in docs/labs/08-chat.md. The other stages' checks that
 * ask for the speaker's own line serve chat as well: see hear_reply. */
#define _GNU_SOURCE
#include "dialogue.h"

#include "../lib/check.h"
#include "../lib/guard.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ROOM_MOST = 30, LINE_MOST = 1000 };

/* Who is in the room, and has read all that was said. */
struct room {
    int fds[ROOM_MOST], count;
};

static void all_hear(struct exam *e, const struct room *r, const void *bytes, size_t len)
{
    for (int i = 0; i < r->count; i++)
        hear(e, r->fds[i], bytes, len);
}

static void speak(struct exam *e, const struct room *r, int speaker)
{
    struct question q;

    question_make(e, &q);
    say(e, r->fds[speaker], q.in, q.in_len);
    all_hear(e, r, q.out, q.out_len);
}

/* Whoever has heard a line is in the room: so each newcomer says one. */
static void enter(struct exam *e, struct room *r, int count)
{
    for (int i = 0; i < count; i++) {
        r->fds[r->count++] = come(e);
        speak(e, r, r->count - 1);
    }
}

static struct room room_make(struct exam *e, int count)
{
    struct room r = { .count = 0 };

    did(e, "%d clients came, one after the other, and each said a line", count);
    expects(e, "each line with all that were there, the speaker too");
    blame(e, SILENCE, e->framing ? e->framing : "not-to-all");
    enter(e, &r, count);
    blame(e, SILENCE, NULL);
    if (e->framing)
        blame_all(e, e->framing);
    return r;
}

void chat_all_hear(struct exam *e)
{
    struct room r = room_make(e, 3);

    did(e, "3 clients were there; each said 5 lines in turn");
    blame(e, SILENCE, "not-to-all");
    for (int i = 0; i < 15; i++)
        speak(e, &r, i % 3);
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
        speak(e, &r, 1);
        did(e, "Then the rest of the line came, \"%.*s\"", (int)(q.in_len - cut) - 1,
            q.in + cut);
        expects(e, "the whole line with everybody: %.*s", (int)q.out_len - 1, q.out);
        say(e, r.fds[0], q.in + cut, q.in_len - cut);
        all_hear(e, &r, q.out, q.out_len);
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
        all_hear(e, &r, t.replies, t.replies_len);
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
    all_hear(e, &r, b.out, b.out_len);
    say(e, r.fds[0], "\n", 1);
    all_hear(e, &r, a.out, a.out_len);
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
    all_hear(e, &r, line, (size_t)len);
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
        all_hear(e, &r, line, (size_t)len);
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
    blame(e, SILENCE, "half-close-unanswered");
    for (; r.count > 2; speak(e, &r, 0)) {
        int leaver = r.fds[--r.count];
        struct question q;

        question_make(e, &q);
        say(e, leaver, q.in, q.in_len);
        client_finish(leaver);
        all_hear(e, &r, q.out, q.out_len);
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
    speak(e, &r, 0);
    speak(e, &r, 1);
}

/* The slow reader: it is in the room, and reads nothing more. The others say lines in
 * portions, and each portion is read by all of them before the next: so nobody else is ever
 * far behind. What waits for the slow one in the server's memory is what was said, less what
 * lies in the kernel: PORTION and KEPT together are less than the 64 KB that the sheet
 * promises, HELD_MOST is its 1 MB. */
enum { PORTION = 36000, KEPT = 24000, HELD_MOST = 1000000 };

struct slow {
    struct room others;
    int fd;
    struct script portion;
    size_t said; /* since it reads no more */
    bool dropped;
};

static void slow_make(struct exam *e, struct slow *s)
{
    struct room r = room_make(e, 2);

    r.fds[r.count++] = come_with(e, &deaf);
    speak(e, &r, 2);
    s->fd = r.fds[--r.count];
    s->others = r;
    s->said = 0;
    s->dropped = false;
    s->portion = (struct script){ .len = 0 };
    while (s->portion.len < PORTION - 100)
        stream_fill(e, &s->portion, 1);
}

static void say_portion(struct exam *e, struct slow *s)
{
    int speaker = (int)random_below(e, s->others.count);

    say(e, s->others.fds[speaker], s->portion.bytes, s->portion.len);
    s->said += s->portion.len;
    all_hear(e, &s->others, s->portion.bytes, s->portion.len);
}

/* How many bytes the server's process holds for it; 0 of one that was dropped. */
static size_t held(struct exam *e, struct slow *s, unsigned long *unsent)
{
    struct tcp_socket socket;
    int here = 0;

    settle(e, s->others.fds[0]);
    if (!witness_socket_of(e->subject->port, port_of(s->fd), &socket)
        || socket.state != TCP_IS_OPEN || !socket.inode) {
        s->dropped = true;
        return 0;
    }
    ioctl(s->fd, FIONREAD, &here);
    *unsent = socket.unsent;
    return s->said > *unsent + (size_t)here ? s->said - *unsent - (size_t)here : 0;
}

static void slow_begin(struct exam *e, struct slow *s)
{
    slow_make(e, s);
    did(e, "A client was in the room and read nothing; two others said lines");
    expects(e, "each line with the two, within %g s", e->patience);
    if (!e->framing)
        blame(e, SILENCE, "blocking-send");
}

/* Until it is dropped, or should have been. Returns what the server holds for it. */
static size_t say_much(struct exam *e, struct slow *s, unsigned long *unsent)
{
    size_t waits = 0;
    char text[32];

    while (!s->dropped && s->said < OFFERED && waits <= HELD_MOST + PORTION) {
        did(e, "A client was in the room and read nothing; two others said %s of lines",
            amount(s->said + s->portion.len, text));
        say_portion(e, s);
        waits = held(e, s, unsent);
    }
    return waits;
}

/* Do the others hear each other? */
static void others(struct exam *e)
{
    unsigned long unsent;
    struct slow s;

    slow_begin(e, &s);
    say_much(e, &s, &unsent);
    for (int i = 0; i < 4; i++)
        speak(e, &s.others, i % 2);
}

/* Less than 64 KB behind, it loses nothing. */
static void keeps_place(struct exam *e)
{
    struct slow s;
    struct script all = { 0 };
    unsigned long unsent = 0;
    int room = 1 << 20;
    char text[32];

    slow_begin(e, &s);
    do {
        say_portion(e, &s);
        script_add(&all, s.portion.bytes, s.portion.len);
    } while (s.said < OFFERED && held(e, &s, &unsent) < KEPT);
    did(e, "A client was in the room and read nothing until its socket was full and %d KB "
           "or less waited in the server; then it read", (KEPT + PORTION) / 1000);
    expects(e, "all %s that the others said meanwhile", amount(all.len, text));
    blame(e, SILENCE, "interest-lost");
    blame(e, WRONG, "short-write");
    blame(e, EXTRA, "short-write");
    blame(e, ENDED, "eagain-is-error");
    blame(e, RESET, "eagain-is-error");
    if (e->framing)
        blame_all(e, e->framing);
    setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    hear(e, s.fd, all.bytes, all.len);
    s.others.fds[s.others.count++] = s.fd; /* it is in the room as before */
    speak(e, &s.others, 0);
    speak(e, &s.others, 2);
}

/* More than 1 MB behind, it is dropped: memory has an end. */
static void bounded(struct exam *e)
{
    struct slow s;
    unsigned long unsent = 0;
    char text[32];
    size_t waits;

    slow_begin(e, &s);
    waits = say_much(e, &s, &unsent);
    expects(e, "that at most %d KB wait for it in the server's memory", HELD_MOST / 1000);
    if (e->framing || waits <= HELD_MOST + PORTION)
        return;
    snprintf(e->sheet->kernel, sizeof e->sheet->kernel,
             "%lu bytes wait unsent in its socket", unsent);
    fail(e, GROWS, "unbounded-output", "%s was said, and %zu KB wait in the server's memory",
         amount(s.said, text), waits / 1000);
}

const struct check slow_chat[] = {
    { "others", 8, others, 0 },
    { "keeps-place", 7, keeps_place, 0 },
    { "bounded", 5, bounded, 0 },
    { 0 }
};
