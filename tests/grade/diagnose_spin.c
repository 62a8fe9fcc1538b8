#define _GNU_SOURCE
#include "scene.h"

#include "../lib/guard.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A socket where fewer bytes wait unsent has room for more. */
enum { FEW = 10000 };

/* The thread that runs, or 0. */
static pid_t find_runner(struct scene *s)
{
    for (int tries = 0; tries < 50; tries++) {
        s->task_count = witness_tasks(&s->tree, s->tasks);
        for (int i = 0; i < s->task_count; i++)
            if (s->tasks[i].state == 'R')
                return s->tasks[i].tid;
        guard_sleep_until(guard_now() + 0.001);
    }
    return 0;
}

/* What the runner called last; without a runner, what anybody did. NULL: not told. */
static const struct task *last_call(const struct scene *s, pid_t runner)
{
    const struct task *k = NULL;

    for (int i = 0; i < s->task_count; i++)
        if (s->tasks[i].call >= 0 && (!runner || s->tasks[i].tid == runner))
            k = &s->tasks[i];
    return k;
}

/* Stops the server, and looks; again, if it was not in a call that tells something. */
static bool stop_in_call(struct scene *s, pid_t runner)
{
    bool stopped = false;

    for (int tries = 0; tries < 30; tries++) {
        const struct task *k;
        enum call_kind kind;

        if (stopped)
            tree_signal(&s->tree, SIGCONT);
        guard_sleep_until(guard_now() + 0.0007 * tries);
        stopped = tree_signal(&s->tree, SIGSTOP);
        scene_look(s);
        k = last_call(s, runner);
        kind = k ? witness_kind(k->call) : CALL_NONE;
        if (kind == CALL_WAIT)
            break;
        if (tries > 10 && (kind == CALL_READ || kind == CALL_ACCEPT))
            break; /* it never waits */
    }
    return stopped;
}

/* What else does it wait for that may be ready: an eventfd, a pipe? */
static void tell_others(struct scene *s)
{
    for (int i = 0; i < s->interest_count && !s->exam->sheet->kernel[0]; i++) {
        const struct interest *in = &s->interest[i];
        char path[64], what[100], events[64];
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)in->pid, in->fd);
        n = readlink(path, what, sizeof what - 1);
        what[n < 0 ? 0 : n] = '\0';
        if (n > 0 && in->events && strncmp(what, "socket:", 7) != 0)
            scene_tell(s, "fd %d, which is %s, is registered %s", in->fd, what,
                       witness_events(in->events, events));
    }
}

/* It runs without a rest: what does it ask for? It is stopped for the look, since a
 * running thread's call is not told. */
void diagnose_spin(struct scene *s)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    struct exam *e = s->exam;
    const struct task *k;
    pid_t runner = find_runner(s);
    bool stopped = stop_in_call(s, runner), out = false, blind;
    int count = witness_sockets(e->subject->port, sockets), fd;
    char events[64], text[32];
    pid_t pid;

    if (!e->waits_in)
        e->sheet->nuance = "by-itself";
    if (e->runs_since) {
        scene_tell(s, "it ran without a rest at the end of stage %d already", e->runs_since);
        e->sheet->nuance = "earlier";
        if (e->fin)
            scene_cause(s, e->fin); /* whom it did not close, wakes it up */
    }
    if (e->spin)
        scene_cause(s, e->spin);
    for (int i = 0; i < count; i++) {
        const struct interest *in;

        if (sockets[i].state == TCP_IS_LISTENING
            || !witness_owner(&s->tree, sockets[i].inode, &pid, &fd, &blind))
            continue;
        in = scene_interest(s, fd);
        if (sockets[i].state == TCP_IS_CLOSE_WAIT) {
            scene_tell(s, "fd %d is in CLOSE_WAIT: its client's FIN was not taken", fd);
            scene_cause(s, "spins-after-fin");
        }
        if (in && in->events & EPOLLOUT && !(in->events & EPOLLET) && !out
            && sockets[i].unsent < FEW) {
            scene_tell(s, "fd %d is registered %s, and %s unsent there", fd,
                       witness_events(in->events, events), amount(sockets[i].unsent, text));
            out = true;
        }
        if (in && in->events & EPOLLIN && sockets[i].unread > 0) {
            scene_tell(s, "fd %d is registered %s, and %s unread there", fd,
                       witness_events(in->events, events), amount(sockets[i].unread, text));
            scene_cause(s, "spins-on-read-interest");
        }
    }
    if (out)
        scene_cause(s, "spins-on-write-interest");
    if (e->sheet->blamed[SPINS])
        scene_cause(s, e->sheet->blamed[SPINS]);
    k = last_call(s, runner);
    if (k && (witness_kind(k->call) == CALL_READ || witness_kind(k->call) == CALL_ACCEPT)) {
        scene_tell(s, "its last call was %s(%ld)", witness_call(k->call),
                   (long)k->arguments[0]);
        scene_cause(s, "busy-wait");
    } else if (k && witness_kind(k->call) == CALL_WAIT) {
        const char *name = witness_call(k->call);
        int timeout = !strcmp(name, "poll")         ? (int)k->arguments[2]
                      : !strncmp(name, "epoll_", 6) ? (int)k->arguments[3]
                                                    : -1;

        if (timeout == 0) {
            scene_tell(s, "its %s has the timeout 0", name);
            scene_cause(s, "busy-wait");
        }
    }
    if (s->listener.unread > 0 && s->listener_fd >= 0) {
        scene_tell_waiting(s);
        scene_tell_interest(s, s->listener_fd);
    }
    tell_others(s);
    if (stopped)
        tree_signal(&s->tree, SIGCONT);
}
