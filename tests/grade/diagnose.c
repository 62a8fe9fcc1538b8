#define _GNU_SOURCE
#include "diagnose.h"

#include "scene.h"

#include "../lib/guard.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

/* How many threads are in a call of this kind; `found` is one of them. */
static int count_tasks(const struct scene *s, enum call_kind kind,
                       const struct task **found)
{
    int count = 0;

    for (int i = 0; i < s->task_count; i++)
        if (s->tasks[i].state != 'R' && s->tasks[i].call >= 0
            && witness_kind(s->tasks[i].call) == kind) {
            *found = &s->tasks[i];
            count++;
        }
    return count;
}

/* The server's own socket behind a descriptor of one of its processes. */
static bool socket_behind(struct scene *s, const struct task *k, struct tcp_socket *found)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    int count = witness_sockets(s->exam->subject->port, sockets), fd;
    struct tree one = { .count = 1, .pids = { k->pid } };
    bool blind;
    pid_t pid;

    for (int i = 0; i < count; i++)
        if (sockets[i].state != TCP_IS_LISTENING
            && witness_owner(&one, sockets[i].inode, &pid, &fd, &blind)
            && fd == (int)k->arguments[0]) {
            *found = sockets[i];
            return true;
        }
    return false;
}

const char *diagnose_cause_of_end(const struct exam *e, struct sheet *sheet, int sig)
{
    const char *blamed = sig ? sheet->blamed_signal : sheet->blamed_exit;

    if (sig < 0)
        return "one-client-only";
    if (sig == SIGPIPE)
        return "sigpipe";
    sheet->ended_by = 1 + sig;
    if (blamed && sheet->ended_by != e->ends)
        return blamed;
    return sig ? "killed" : "exits";
}

/* It ended: who killed it? */
static void diagnose_end(struct scene *s)
{
    struct sheet *sheet = s->exam->sheet;
    char end[200];
    int sig;

    guard_sleep_until(guard_now() + 0.02); /* its status is on its way */
    sig = subject_end(s->exam->subject, end, sizeof end);
    scene_tell(s, "the server is %s", end);
    sheet->cause = diagnose_cause_of_end(s->exam, sheet, sig);
}

static bool is_poll(const char *call)
{
    return !strcmp(call, "poll") || !strcmp(call, "ppoll");
}

/* A send or a read of one client holds all: only where no thread could serve another. */
static void diagnose_blocked(struct scene *s)
{
    const struct task *waiting = NULL, *k = NULL;
    struct sheet *sheet = s->exam->sheet;
    struct tcp_socket held;
    char text[32];

    if (count_tasks(s, CALL_WAIT, &waiting) + count_tasks(s, CALL_ACCEPT, &waiting) > 0)
        return;
    if (count_tasks(s, CALL_WRITE, &k) > 0 && socket_behind(s, k, &held)) {
        scene_cause(s, "blocking-send");
        scene_tell(s, "the server sleeps in %s(%ld); %s wait unsent there",
                   witness_call(k->call), (long)k->arguments[0], amount(held.unsent, text));
    } else if (count_tasks(s, CALL_READ, &k) > 0 && socket_behind(s, k, &held)
               && held.peer != sheet->asker) {
        scene_cause(s, sheet->blamed_read && sheet->kind != REFUSED ? sheet->blamed_read
                                                                    : "one-at-a-time");
        if (s->exam->waits_in)
            sheet->nuance = is_poll(s->exam->waits_in) ? "polls" : "waits";
        else if (sheet->kind == REFUSED)
            sheet->nuance = "queue";
        scene_tell(s, "the server sleeps in %s(%ld), the socket of another client, where "
                      "%s are to be read", witness_call(k->call), (long)k->arguments[0],
                   amount(held.unread, text));
    }
}

static void tell_where_it_sleeps(struct scene *s)
{
    static const enum call_kind order[] = { CALL_WAIT, CALL_ACCEPT, CALL_READ, CALL_WRITE,
                                            CALL_SLEEP };
    const struct task *k;

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (count_tasks(s, order[i], &k) > 0) {
            if (order[i] == CALL_WAIT || order[i] == CALL_SLEEP)
                scene_tell(s, "the server sleeps in %s", witness_call(k->call));
            else
                scene_tell(s, "the server sleeps in %s(%ld)", witness_call(k->call),
                           (long)k->arguments[0]);
            return;
        }
}

/* The client waits in the backlog. */
static void diagnose_backlog(struct scene *s)
{
    const struct interest *i = scene_interest(s, s->listener_fd);

    if (!s->has_socket || s->socket.inode || s->listener.unread == 0)
        return;
    tell_where_it_sleeps(s);
    scene_tell_waiting(s);
    if (s->listener_fd >= 0)
        scene_tell_interest(s, s->listener_fd);
    if (s->exam->sheet->blamed_backlog)
        scene_cause(s, s->exam->sheet->blamed_backlog);
    else if (i && i->events & EPOLLET)
        scene_cause(s, "one-accept-per-edge");
    else if (s->interest_told && s->listener_fd >= 0 && (!i || !(i->events & EPOLLIN)))
        scene_cause(s, "stranded");
}

/* It has a processor now and then, and does not come to rest: so it does not only wait for one. */
static bool never_sleeps(const struct scene *s)
{
    double end = guard_now() + 0.6, before = tree_cpu(&s->tree);

    while (!tree_sleeps(&s->tree) && guard_now() < end) {
        if (tree_cpu(&s->tree) > before + 0.025)
            return true;
        guard_sleep_until(guard_now() + 0.003);
    }
    return false;
}

/* The client is served, or should be: do bytes lie there that nobody reads? */
static void diagnose_unread(struct scene *s)
{
    const struct interest *i = scene_interest(s, s->fd);
    struct sheet *sheet = s->exam->sheet;
    char text[32];

    if (!s->has_socket || s->fd < 0)
        return;
    tell_where_it_sleeps(s);
    scene_tell(s, "%s unread", amount(s->socket.unread, text));
    if (s->socket.unsent > 0)
        scene_tell(s, "%s unsent", amount(s->socket.unsent, text));
    scene_tell_interest(s, s->fd);
    if (s->socket.unread == 0 && s->socket.state == TCP_IS_CLOSE_WAIT) {
        scene_tell(s, "it is in CLOSE_WAIT: the client's FIN is there");
        if (i && i->events & EPOLLET && i->events & EPOLLIN && sheet->fin_is_edge)
            scene_cause(s, "forgotten-edge");
        if (!i && s->interest_told && sheet->kind == EXTRA)
            scene_cause(s, "descriptors-leak");
        if (never_sleeps(s)) {
            scene_tell(s, "the server does not sleep");
            scene_cause(s, "spins-after-fin");
        }
    }
    if (s->socket.unread == 0 && s->socket.unsent == 0 && sheet->keeps && sheet->kind != EXTRA
        && i && !(i->events & EPOLLOUT))
        scene_cause(s, "interest-lost");
    if (s->socket.unread == 0)
        return;
    if (i && i->events & EPOLLET && i->events & EPOLLIN)
        scene_cause(s, "forgotten-edge");
    else if (i && i->events & EPOLLONESHOT && !(i->events & EPOLLIN))
        scene_cause(s, "oneshot-not-rearmed");
    else if (s->interest_told && (!i || !(i->events & EPOLLIN)))
        scene_cause(s, sheet->blamed_unread ? sheet->blamed_unread : "interest-lost");
}

/* Clients are gone, their sockets are not. Where that is so of a few only, and those are
 * watched for an edge, their FIN came together with data that was read. */
static void diagnose_leak(struct scene *s)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    int count = witness_sockets(s->exam->subject->port, sockets), fd;
    char events[64];
    bool blind;
    pid_t pid;

    for (int i = 0; i < count; i++) {
        const struct interest *in;

        if (sockets[i].state != TCP_IS_CLOSE_WAIT
            || !witness_owner(&s->tree, sockets[i].inode, &pid, &fd, &blind)
            || !(in = scene_interest(s, fd)))
            continue;
        scene_cause(s, in->events & EPOLLET && s->exam->sheet->fin_is_edge ? "forgotten-edge"
                                                                           : "no-end");
        scene_tell(s, "fd %d is in CLOSE_WAIT: its client's FIN is there; it is watched for "
                      "%s", fd, witness_events(in->events, events));
        return;
    }
}

/* One that is about to end closes its clients before the listener, or after it. */
static void await_rest(struct exam *e)
{
    double end = guard_now() + 0.5;
    struct tree tree;

    do
        subject_tree(e->subject, &tree);
    while (subject_listens(e->subject) && !tree_sleeps(&tree) && guard_now() < end);
}

void diagnose(struct exam *e)
{
    static struct scene scene;
    struct scene *s = &scene;
    struct sheet *sheet = e->sheet;

    memset(s, 0, sizeof *s);
    s->exam = e;
    if (sheet->certain)
        sheet->cause = sheet->blamed[sheet->kind];
    if (sheet->kind == ENDED || sheet->kind == RESET)
        await_rest(e);
    scene_look(s);
    if (!subject_listens(e->subject)) {
        diagnose_end(s);
    } else if (sheet->kind == SPINS) {
        diagnose_spin(s);
    } else if (sheet->kind == GROWS) {
        diagnose_leak(s);
    } else if (sheet->kind == REFUSED) {
        if (s->listener.unread > 0)
            diagnose_blocked(s);
        if (!sheet->kernel[0])
            tell_where_it_sleeps(s);
        if (s->listener.unread > 0)
            scene_tell(s, "%lu clients wait in the listener's queue", s->listener.unread);
    } else if (sheet->kind == ENDED || sheet->kind == RESET) {
        if (e->closing)
            sheet->cause = e->closing;
    } else if (sheet->kind == SILENCE || sheet->kind == SLOW || sheet->kind == EXTRA) {
        diagnose_blocked(s);
        if (!sheet->kernel[0])
            diagnose_backlog(s);
        if (!sheet->kernel[0])
            diagnose_unread(s);
        if (!sheet->kernel[0])
            tell_where_it_sleeps(s);
    }
    /* Of whom ordinary sums are wrong, a wrong reply says no more than that; and so on. */
    if (e->framing && !strcmp(e->framing, sheet->kind == WRONG     ? "wrong-answer"
                                          : sheet->kind == SILENCE ? "not-to-all"
                                                                   : ""))
        scene_cause(s, e->framing);
    if (!sheet->cause)
        sheet->cause = sheet->blamed[sheet->kind];
    if (!sheet->cause)
        sheet->cause = sheet->kind == SPINS   ? "spins"
                       : sheet->kind == WRONG ? "wrong-answer"
                       : sheet->kind == SLOW  ? "slow"
                       : sheet->kind == ENDED || sheet->kind == RESET ? "closed-early"
                                              : "no-answer";
}
