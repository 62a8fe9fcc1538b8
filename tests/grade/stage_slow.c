/* Stage 5, a client that does not read: who pays for it?
 *
 * The client's receive buffer is small; the server's send buffer is the kernel's affair, and
 * holds between 100 KB and 3 MB: so 8 MB are offered, and less is taken. */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include "../lib/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELD_MOST = 1000000 };

/* When the check is over, its client goes with replies unread: that is an RST. */
static void leaves_unread(struct exam *e)
{
    blame_end(e, "dies-of-reset", NULL);
}

/* Is another client served meanwhile? Now and then the kernels find room for some more
 * replies, and a send that blocks goes on for a moment. So it is asked again and again, until
 * the server has taken nothing more between two replies. */
static void others(struct exam *e)
{
    enum { ROUNDS_MOST = 8 };
    struct script t = { 0 };
    size_t sent = 0, taken = 0, before;
    int fd, other = -1;

    stream_offer(e, &t, OFFERED);
    fd = come_with(e, &deaf);
    ask(e, fd);
    for (int round = 0; round < ROUNDS_MOST; round++) {
        struct question q;
        char text[32];

        before = taken;
        taken = push(e, fd, &t, &sent);
        question_make(e, &q);
        did(e, "A client sent %s of requests and read nothing; meanwhile another sent \"%.*s\"",
            amount(sent, text), (int)q.in_len - e->echo, q.in);
        expects(e, "\"%.*s\" within %g s", (int)q.out_len - e->echo, q.out, e->patience);
        blame(e, SILENCE, "blocking-send");
        blame(e, WRONG, "mixes-clients");
        blame(e, EXTRA, "mixes-clients");
        if (other < 0)
            other = come(e);
        converse(e, other, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
        if (round > 1 && taken <= before)
            break;
    }
    leaves_unread(e);
}

/* Is it read from no further, while its replies wait? What the process holds is what it
 * has taken, turned into replies, less those that lie in the kernel. */
static void bounded(struct exam *e)
{
    struct script t = { 0 };
    struct tcp_socket s = { .unsent = 0 };
    struct tree tree;
    long before, grown;
    size_t sent = 0, taken, due, held;
    int fd, here = 0;
    char text[32];

    stream_offer(e, &t, OFFERED);
    fd = come_with(e, &deaf);
    ask(e, fd);
    subject_tree(e->subject, &tree);
    before = tree_memory(&tree);
    leaves_unread(e);
    taken = push(e, fd, &t, &sent);
    did(e, "A client sent requests and read nothing");
    expects(e, "that the server stops reading from it: at most %d KB of replies in its "
               "memory", HELD_MOST / 1000);
    grown = tree_memory(&tree) - before;
    if (!witness_socket_of(e->subject->port, port_of(fd), &s))
        return; /* closed: that is another check's */
    ioctl(fd, FIONREAD, &here);
    due = stream_due(&t, taken);
    if (e->framing || due <= HELD_MOST + s.unsent + (size_t)here)
        return;
    held = due - (size_t)s.unsent - (size_t)here;
    snprintf(e->sheet->kernel, sizeof e->sheet->kernel,
             "%lu bytes wait unsent in its socket; its memory grew by %ld KB", s.unsent,
             grown / 1000);
    if (grown < (long)held / 4)
        fail(e, WRONG, "short-write", "it took %s of requests, and %zu KB of replies are "
             "neither in its memory nor in its socket", amount(taken, text), held / 1000);
    fail(e, GROWS, "unbounded-output",
         "it took %s of requests and holds %zu KB of replies", amount(taken, text),
         held / 1000);
}

/* It reads at last: is every reply there, in order, and does the service go on? */
static void resumed(struct exam *e)
{
    struct script t = { 0 };
    int fd, room = 1 << 20;
    size_t sent = 0;
    char text[32];

    stream_offer(e, &t, OFFERED);
    fd = come_with(e, &deaf);
    ask(e, fd);
    push(e, fd, &t, &sent);
    /* All that was sent, to the end of a request, and some more. */
    if (sent + 20000 < t.len)
        stream_cut(e, &t, sent + 20000);
    did(e, "A client sent %s of requests and read nothing; then it read",
        amount(sent, text));
    expects(e, "all its replies, in order: %zu bytes", t.replies_len);
    blame(e, SILENCE, e->missing ? e->missing : "interest-lost");
    blame(e, WRONG, "short-write");
    blame(e, EXTRA, "short-write");
    blame(e, ENDED, "eagain-is-error");
    blame(e, RESET, "eagain-is-error");
    if (e->framing)
        blame_all(e, e->framing);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    converse(e, fd, t.bytes + sent, t.len - sent, CLIENT_STAYS, t.replies,
             t.replies_len);
}

const struct check slow_calc[] = {
    { "others", 10, others, 0 },
    { "bounded", 4, bounded, 1 }, /* anew: its memory tells nothing else */
    { "resumed", 6, resumed, 0 },
    { 0 }
};

const struct check slow_echo[] = {
    { "others", 10, others, 0 },
    { "bounded", 4, bounded, 1 }, /* anew: its memory tells nothing else */
    { "resumed", 6, resumed, 0 },
    { 0 }
};
