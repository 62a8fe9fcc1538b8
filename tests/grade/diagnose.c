#define _GNU_SOURCE
#include "diagnose.h"

#include "../lib/guard.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A socket where fewer bytes wait unsent has room for more. */
enum { FEW = 10000 };

/* What was looked at, once. */
struct scene {
    struct exam *exam;
    struct tree tree;
    struct task tasks[TASKS_MOST];
    int task_count;
    struct interest interest[INTEREST_MOST];
    int interest_count;
    bool interest_told;
    struct tcp_socket socket; /* the server's, of the client in question */
    bool has_socket;
    pid_t pid;                /* who holds it, under which number; -1: nobody, or not told */
    int fd;
    struct tcp_socket listener;
    int listener_fd;
};

/* One more clause of the line that begins with "Kernel:". */
static void tell(struct scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(struct scene *s, const char *format, ...)
{
    char *line = s->exam->sheet->kernel;
    size_t room = sizeof s->exam->sheet->kernel, len = strlen(line);
    va_list arguments;

    if (len > 0 && len < room - 3) {
        strcat(line, "; ");
        len += 2;
    }
    va_start(arguments, format);
    vsnprintf(line + len, room - len, format, arguments);
    va_end(arguments);
}

static void set_cause(struct scene *s, const char *cause)
{
    if (!s->exam->sheet->cause)
        s->exam->sheet->cause = cause;
}

static void find_listener(struct scene *s)
{
    pid_t pid;
    bool blind;

    s->listener_fd = -1;
    if (witness_socket_of(s->exam->subject->port, 0, &s->listener))
        witness_owner(&s->tree, s->listener.inode, &pid, &s->listener_fd, &blind);
}

static void look(struct scene *s)
{
    struct sheet *sheet = s->exam->sheet;
    bool blind;

    subject_tree(s->exam->subject, &s->tree);
    s->task_count = witness_tasks(&s->tree, s->tasks);
    s->interest_count = witness_interest(&s->tree, s->interest, &s->interest_told);
    find_listener(s);
    s->fd = -1;
    s->has_socket = sheet->asker && witness_socket_of(s->exam->subject->port,
                                                      sheet->asker, &s->socket);
    if (s->has_socket && s->socket.inode)
        witness_owner(&s->tree, s->socket.inode, &s->pid, &s->fd, &blind);
}

/* The interest in a descriptor, or NULL. */
static const struct interest *interest_in(const struct scene *s, int fd)
{
    for (int i = 0; i < s->interest_count; i++)
        if (s->interest[i].fd == fd)
            return &s->interest[i];
    return NULL;
}

static void tell_interest(struct scene *s, int fd)
{
    const struct interest *i = interest_in(s, fd);
    char events[64];

    if (i && i->events == 0)
        tell(s, "fd %d is registered, but for no event", fd);
    else if (i && !strcmp(i->by, "epoll"))
        tell(s, "fd %d is registered %s", fd, witness_events(i->events, events));
    else if (i)
        tell(s, "%s was asked for %s of fd %d", i->by,
             witness_events(i->events, events), fd);
    else if (s->interest_told)
        tell(s, "nobody waits for fd %d", fd);
}

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
    tell(s, "the server is %s", end);
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
        set_cause(s, "blocking-send");
        tell(s, "the server sleeps in %s(%ld); %s wait unsent there",
             witness_call(k->call), (long)k->arguments[0], amount(held.unsent, text));
    } else if (count_tasks(s, CALL_READ, &k) > 0 && socket_behind(s, k, &held)
               && held.peer != sheet->asker) {
        set_cause(s, sheet->blamed_read && sheet->kind != REFUSED ? sheet->blamed_read
                                                                  : "one-at-a-time");
        if (s->exam->waits_in)
            sheet->nuance = is_poll(s->exam->waits_in) ? "polls" : "waits";
        else if (sheet->kind == REFUSED)
            sheet->nuance = "queue";
        tell(s, "the server sleeps in %s(%ld), the socket of another client, where "
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
                tell(s, "the server sleeps in %s", witness_call(k->call));
            else
                tell(s, "the server sleeps in %s(%ld)", witness_call(k->call),
                     (long)k->arguments[0]);
            return;
        }
}

static void tell_waiting(struct scene *s)
{
    tell(s, s->listener.unread == 1 ? "%lu client waits to be accepted"
                                    : "%lu clients wait to be accepted", s->listener.unread);
}

/* The client waits in the backlog. */
static void diagnose_backlog(struct scene *s)
{
    const struct interest *i = interest_in(s, s->listener_fd);

    if (!s->has_socket || s->socket.inode || s->listener.unread == 0)
        return;
    tell_where_it_sleeps(s);
    tell_waiting(s);
    if (s->listener_fd >= 0)
        tell_interest(s, s->listener_fd);
    if (s->exam->sheet->blamed_backlog)
        set_cause(s, s->exam->sheet->blamed_backlog);
    else if (i && i->events & EPOLLET)
        set_cause(s, "one-accept-per-edge");
    else if (s->interest_told && s->listener_fd >= 0 && (!i || !(i->events & EPOLLIN)))
        set_cause(s, "stranded");
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
    const struct interest *i = interest_in(s, s->fd);
    struct sheet *sheet = s->exam->sheet;
    char text[32];

    if (!s->has_socket || s->fd < 0)
        return;
    tell_where_it_sleeps(s);
    tell(s, "%s unread", amount(s->socket.unread, text));
    if (s->socket.unsent > 0)
        tell(s, "%s unsent", amount(s->socket.unsent, text));
    tell_interest(s, s->fd);
    if (s->socket.unread == 0 && s->socket.state == TCP_IS_CLOSE_WAIT) {
        tell(s, "it is in CLOSE_WAIT: the client's FIN is there");
        if (i && i->events & EPOLLET && i->events & EPOLLIN && sheet->fin_is_edge)
            set_cause(s, "forgotten-edge");
        if (!i && s->interest_told && sheet->kind == EXTRA)
            set_cause(s, "descriptors-leak");
        if (never_sleeps(s)) {
            tell(s, "the server does not sleep");
            set_cause(s, "spins-after-fin");
        }
    }
    if (s->socket.unread == 0 && s->socket.unsent == 0 && sheet->keeps && i
        && !(i->events & EPOLLOUT))
        set_cause(s, "interest-lost");
    if (s->socket.unread == 0)
        return;
    if (i && i->events & EPOLLET && i->events & EPOLLIN)
        set_cause(s, "forgotten-edge");
    else if (i && i->events & EPOLLONESHOT && !(i->events & EPOLLIN))
        set_cause(s, "oneshot-not-rearmed");
    else if (s->interest_told && (!i || !(i->events & EPOLLIN)))
        set_cause(s, sheet->blamed_unread ? sheet->blamed_unread : "interest-lost");
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
            || !(in = interest_in(s, fd)))
            continue;
        set_cause(s, in->events & EPOLLET && s->exam->sheet->fin_is_edge ? "forgotten-edge"
                                                                         : "no-end");
        tell(s, "fd %d is in CLOSE_WAIT: its client's FIN is there; it is watched for %s",
             fd, witness_events(in->events, events));
        return;
    }
}

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
        look(s);
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
            tell(s, "fd %d, which is %s, is registered %s", in->fd, what,
                 witness_events(in->events, events));
    }
}

/* It runs without a rest: what does it ask for? It is stopped for the look, since a
 * running thread's call is not told. */
static void diagnose_spin(struct scene *s)
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
        tell(s, "it ran without a rest at the end of stage %d already", e->runs_since);
        e->sheet->nuance = "earlier";
        if (e->fin)
            set_cause(s, e->fin); /* whom it did not close, wakes it up */
    }
    if (e->spin)
        set_cause(s, e->spin);
    for (int i = 0; i < count; i++) {
        const struct interest *in;

        if (sockets[i].state == TCP_IS_LISTENING
            || !witness_owner(&s->tree, sockets[i].inode, &pid, &fd, &blind))
            continue;
        in = interest_in(s, fd);
        if (sockets[i].state == TCP_IS_CLOSE_WAIT) {
            tell(s, "fd %d is in CLOSE_WAIT: its client's FIN was not taken", fd);
            set_cause(s, "spins-after-fin");
        }
        if (in && in->events & EPOLLOUT && !(in->events & EPOLLET) && !out
            && sockets[i].unsent < FEW) {
            tell(s, "fd %d is registered %s, and %s unsent there", fd,
                 witness_events(in->events, events), amount(sockets[i].unsent, text));
            out = true;
        }
        if (in && in->events & EPOLLIN && sockets[i].unread > 0) {
            tell(s, "fd %d is registered %s, and %s unread there", fd,
                 witness_events(in->events, events), amount(sockets[i].unread, text));
            set_cause(s, "spins-on-read-interest");
        }
    }
    if (out)
        set_cause(s, "spins-on-write-interest");
    if (e->sheet->blamed[SPINS])
        set_cause(s, e->sheet->blamed[SPINS]);
    k = last_call(s, runner);
    if (k && (witness_kind(k->call) == CALL_READ || witness_kind(k->call) == CALL_ACCEPT)) {
        tell(s, "its last call was %s(%ld)", witness_call(k->call),
             (long)k->arguments[0]);
        set_cause(s, "busy-wait");
    } else if (k && witness_kind(k->call) == CALL_WAIT) {
        const char *name = witness_call(k->call);
        int timeout = !strcmp(name, "poll")         ? (int)k->arguments[2]
                      : !strncmp(name, "epoll_", 6) ? (int)k->arguments[3]
                                                    : -1;

        if (timeout == 0) {
            tell(s, "its %s has the timeout 0", name);
            set_cause(s, "busy-wait");
        }
    }
    if (s->listener.unread > 0 && s->listener_fd >= 0) {
        tell_waiting(s);
        tell_interest(s, s->listener_fd);
    }
    tell_others(s);
    if (stopped)
        tree_signal(&s->tree, SIGCONT);
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
    look(s);
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
            tell(s, "%lu clients wait in the listener's queue", s->listener.unread);
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
        set_cause(s, e->framing);
    if (!sheet->cause)
        sheet->cause = sheet->blamed[sheet->kind];
    if (!sheet->cause)
        sheet->cause = sheet->kind == SPINS   ? "spins"
                       : sheet->kind == WRONG ? "wrong-answer"
                       : sheet->kind == SLOW  ? "slow"
                       : sheet->kind == ENDED || sheet->kind == RESET ? "closed-early"
                                              : "no-answer";
}
