/* Stage 5 of chat, the slow reader: it is in the room, and reads nothing more. Who waits?
 *
 * The others say lines in portions, and each portion is read by all of them before the next:
 * so nobody else is ever far behind. What waits for the slow one in the server's memory is
 * what was said, less what lies in the kernel: PORTION and KEPT together are less than the
 * 64 KB that the sheet promises, HELD_MOST is its 1 MB. */
#define _GNU_SOURCE
#include "room.h"
#include "watch.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

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
    room_speak(e, &r, 2);
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
    room_hear(e, &s->others, s->portion.bytes, s->portion.len);
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
        blame(e, SILENCE, "room-stalls"); /* a blocking send is seen in the kernel */
    e->sheet->blamed_unread = "room-stalls";
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
        room_speak(e, &s.others, i % 2);
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
    e->sheet->blamed_unread = NULL;
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
    room_speak(e, &s.others, 0);
    room_speak(e, &s.others, 2);
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
