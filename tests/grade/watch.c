#define _GNU_SOURCE
#include "watch.h"

#include "question.h"

#include "../lib/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void settle(struct exam *e, int fd)
{
    double start = guard_now(), now;
    int port = port_of(fd);
    struct tcp_socket s;
    struct tree tree;

    /* The table of sockets is dear, so it is looked at last. A server that never sleeps has
     * 30 ms, one that sleeps and does not want the bytes (or the client) 100; one that is to
     * read them and waits for a processor has a second. */
    for (double pause = 0.0001; (now = guard_now()) < start + 1;
         guard_sleep_until(now + (pause *= 1.3))) {
        bool asleep;

        subject_tree(e->subject, &tree);
        asleep = tree_sleeps(&tree);
        if (!asleep && now < start + (port ? 0.03 : 0.3))
            continue;
        if (port == 0 || (asleep && now > start + 0.1)
            || !witness_socket_of(e->subject->port, port, &s) || (s.unread == 0 && s.inode))
            return;
    }
}

bool suspend(struct exam *e)
{
    struct tree tree;

    subject_tree(e->subject, &tree);
    return tree_signal(&tree, SIGSTOP);
}

void resume(struct exam *e)
{
    struct tree tree;

    subject_tree(e->subject, &tree);
    tree_signal(&tree, SIGCONT);
}

void expect_survival(struct exam *e)
{
    int fd;

    did(e, "The server was stopped and continued (Ctrl-Z and fg); then a client asked");
    expects(e, "its reply");
    blame_end(e, "dies-of-eintr", NULL);
    settle(e, -1);
    suspend(e);
    resume(e);
    ask(e, fd = come(e));
    close(fd);
    blame_end(e, NULL, NULL);
}

static bool is_gone(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLRDHUP };

    return poll(&p, 1, 0) > 0;
}

size_t push(struct exam *e, int fd, const struct script *t, size_t *sent)
{
    double moved = guard_now(), end = moved + 3 * e->patience;
    size_t at = *sent, taken = 0, now;
    struct tree tree;

    for (; taken < t->len; e->sheet->unsettled = guard_now() > end) {
        ssize_t n = send(fd, t->bytes + at, t->len - at, MSG_NOSIGNAL);
        struct tcp_socket s;
        int queued = 0;

        if (n < 0 && errno != EAGAIN)
            break;
        at += n > 0 ? (size_t)n : 0;
        if (n > 0)
            moved = guard_now();
        if (n > 0 && at < t->len)
            continue;
        ioctl(fd, TIOCOUTQ, &queued);
        if (is_gone(fd))
            break;
        if (!witness_socket_of(e->subject->port, port_of(fd), &s)) {
            wait_for(fd, POLLERR, guard_now() + 0.01);
            continue;
        }
        now = (size_t)queued + s.unread;
        now = at > now ? at - now : 0;
        if (now > taken)
            moved = guard_now();
        taken = now;
        subject_tree(e->subject, &tree);
        /* Stuck is who sleeps before unread bytes; bytes under way may only be late. */
        if (e->sheet->unsettled
            || (guard_now() > moved + 0.1 && (s.unread > 0 || queued == 0)
                && tree_sleeps(&tree)))
            break;
        wait_for(fd, at < t->len ? POLLOUT : POLLERR, guard_now() + 0.01);
    }
    *sent = at;
    return taken;
}

bool push_to_brim(struct exam *e, int fd, const struct script *t, size_t *sent)
{
    enum { BIT = 4096, WAITING = 1000 };
    struct tcp_socket s;
    int here = 0, full = 0;

    while (*sent < t->len) {
        size_t left = t->len - *sent;
        ssize_t n = send(fd, t->bytes + *sent, left < BIT ? left : BIT, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        *sent += (size_t)n;
        settle(e, fd);
        ioctl(fd, FIONREAD, &here);
        if (!witness_socket_of(e->subject->port, port_of(fd), &s) || s.unread > 0)
            return false;
        if (stream_due(t, *sent) > s.unsent + (size_t)here + WAITING && ++full == 2)
            return true; /* and it has tried to send while its socket was full */
    }
    return false;
}

/* The share of a processor in `seconds`; *asleep is the share of the looks at which it
 * slept: one that spins never does, even where it gets no processor. */
static double watch(struct exam *e, double seconds, double *asleep)
{
    double start = guard_now(), cpu;
    int looks = 0, sleeps = 0;
    struct tree tree;

    subject_tree(e->subject, &tree);
    cpu = tree_cpu(&tree);
    for (; guard_now() < start + seconds; looks++) {
        sleeps += tree_sleeps(&tree);
        guard_sleep_until(guard_now() + seconds / 20);
    }
    *asleep = (double)sleeps / looks;
    return (tree_cpu(&tree) - cpu) / (guard_now() - start);
}

void expect_calm(struct exam *e, const char *when)
{
    double share = 0, asleep;

    expects(e, "under 5 %% of a processor");
    for (int tries = 0; tries < 3; tries++) { /* what is left to do may be done first */
        share = watch(e, 0.6, &asleep);
        if (share < 0.05 && asleep > 0.2)
            return;
    }
    fail(e, SPINS, NULL, "%.0f %% %s", share * 100, when);
}
