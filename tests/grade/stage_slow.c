/* Stage 5, a client that does not read: who pays for it?
 *
 * The client's receive buffer and its segments are small (SO_RCVBUF, TCP_MAXSEG), so the
 * kernel holds some 100 KB for it and not some MB, and little is enough to fill it. */
#define _GNU_SOURCE
#include "dialogue.h"

#include "../lib/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 2000, OFFERED = 3000000, HELD_MOST = 1000000 };

static const struct client_setup slow = { .rcvbuf = 4096, .maxseg = 536 };

/* A block of requests, again and again; returns how many. */
static long offer(struct exam *e, struct script *t)
{
    size_t len, due_len;
    char *block, *due;
    long n = BLOCK;

    stream_fill(e, t, BLOCK);
    stream_end(e, t, CLIENT_STAYS);
    len = t->len;
    due_len = t->replies_len;
    block = memcpy(malloc(len), t->bytes, len);
    due = malloc((OFFERED / len + 2) * due_len);
    memcpy(due, t->replies, due_len);
    for (; t->len < OFFERED; n += BLOCK) {
        script_add(t, block, len);
        memcpy(due + t->replies_len, due, due_len);
        t->replies_len += due_len;
    }
    free(block);
    free(t->replies);
    t->replies = due;
    return n;
}

/* How many bytes of replies are due for the first `len` bytes of requests: to a byte in
 * echo, to a reply in calc, where all are of about one length. */
static size_t due_for(const struct script *t, size_t len)
{
    return (size_t)((double)len * (double)t->replies_len / (double)t->len);
}

/* Is another client served meanwhile? */
static void others(struct exam *e)
{
    struct script t = { 0 };
    struct question q;
    size_t sent;
    int fd;

    offer(e, &t);
    fd = come_with(e, &slow);
    ask(e, fd);
    push(e, fd, &t, &sent);
    e->sheet->other = port_of(fd);
    question_make(e, &q);
    did(e, "A client sent %zu bytes of requests and read nothing; meanwhile another sent "
           "%.*s", sent, (int)q.in_len - e->echo, q.in);
    expects(e, "%.*s within %g s", (int)q.out_len - e->echo, q.out, e->patience);
    blame(e, SILENCE, "blocking-send");
    fd = come(e);
    converse(e, fd, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
    ask(e, fd);
}

/* Is it read from no further, while its replies wait? What the process holds is what it
 * has taken, turned into replies, less those that lie in the kernel. */
static void bounded(struct exam *e)
{
    struct script t = { 0 };
    struct tcp_socket s = { .unsent = 0 };
    struct tree tree;
    long before, grown;
    size_t sent, taken, due;
    int fd, here = 0;

    offer(e, &t);
    fd = come_with(e, &slow);
    ask(e, fd);
    subject_tree(e->subject, &tree);
    before = tree_memory(&tree);
    taken = push(e, fd, &t, &sent);
    did(e, "A client sent requests and read nothing");
    expects(e, "that the server stops reading from it: at most %d KB of replies in its "
               "memory", HELD_MOST / 1000);
    grown = tree_memory(&tree) - before;
    witness_socket_of(e->subject->port, port_of(fd), &s);
    ioctl(fd, FIONREAD, &here);
    due = due_for(&t, taken);
    if (e->pipelined || due <= HELD_MOST + s.unsent + (size_t)here)
        return;
    snprintf(e->sheet->kernel, sizeof e->sheet->kernel,
             "%lu bytes unsent in the socket; the server's memory grew by %ld KB",
             s.unsent, grown / 1000);
    fail(e, GROWS, "unbounded-output", "it took %zu bytes of requests, and holds %zu KB",
         taken, (due - (size_t)s.unsent - (size_t)here) / 1000);
}

/* It reads at last: is every reply there, in order, and does the service go on? */
static void resumed(struct exam *e)
{
    struct script t = { 0 };
    int fd, room = 1 << 20;
    size_t sent, all;

    offer(e, &t);
    fd = come_with(e, &slow);
    ask(e, fd);
    push(e, fd, &t, &sent);
    /* All that was sent, to the end of a request, and some more. */
    for (all = sent + 20000; all < t.len && t.bytes[all - 1] != (e->echo ? '\n' : '@');)
        all++;
    if (all < t.len) {
        t.len = all;
        if (!e->echo && t.bytes[all - 3] != ' ') /* the first @ of a frame: not its end */
            while (t.bytes[t.len++] != '@')
                ;
        stream_end(e, &t, CLIENT_STAYS);
    }
    did(e, "A client sent %zu bytes of requests and read nothing; then it read", sent);
    expects(e, "all its replies, in order: %zu bytes", t.replies_len);
    blame(e, SILENCE, "stays-stuck");
    blame(e, WRONG, "short-write");
    blame(e, EXTRA, "short-write");
    blame(e, ENDED, "eagain-is-error");
    blame(e, RESET, "eagain-is-error");
    if (e->pipelined)
        blame_all(e, e->pipelined);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    converse(e, fd, t.bytes + sent, t.len - sent, CLIENT_STAYS, t.replies,
             t.replies_len);
}

const struct check slow_calc[] = {
    { "others", 10, others, 0 },
    { "bounded", 4, bounded, 0 },
    { "resumed", 6, resumed, 0 },
    { 0 }
};

const struct check slow_echo[] = {
    { "others", 10, others, 0 },
    { "bounded", 4, bounded, 0 },
    { "resumed", 6, resumed, 0 },
    { 0 }
};
