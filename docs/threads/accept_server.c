/* accept_server - the edge-triggered server in several threads, as Traffic Server divides it.
 *
 *     $ build/accept_server --threads 2                   $ telnet 127.0.0.1 8086
 *     accept_server: serving calc on 127.0.0.1:8086       9@10 + 1234@
 *                                                         6@1244 0@
 *
 * Accept threads (acceptor.h) sleep in accept(2) itself, and hand each client to one net
 * thread in turn.  A net thread is epoll_et_server without its listener: edges, a ready
 * list with a budget, clocks.  The main thread sleeps in poll(2) and hears signals.
 *
 * Read beside: epoll_et_server.c.  From has_work to expire_clients this is its code, with a
 * net thread in place of the server; the comments are there.  And dispatch_server.c, which
 * shares mailbox.h and crew.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "../../common/report.h"
#include "acceptor.h"
#include "crew.h"
#include "numbers.h"
#include "work.h"

enum { THREADS, ACCEPT_THREADS, WORK };    /* the options of its own */

static const struct mechanism mechanism = {
    .server = "accept_server", .port = "8086", .name = "epoll_et", .wait = "epoll_wait",
    .help = "      --threads N          net threads (4)\n"
            "      --accept-threads N   that block in accept (1)\n"
            "      --work MICROSECONDS  of processor time for a request (0)\n"
};

enum {
    BATCH = 512,         /* the most that one wait reports; the rest comes with the next */
    ROUNDS = 8           /* the most recv and send calls for one client in one turn */
};

static const uint32_t everything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

struct server {
    struct program program;
    struct loop    loop;         /* the main thread's: it has no clients */
    struct crew    net;
    struct acceptors acceptors;
};

/* ---- a net thread ---- */

static bool has_work(const struct conn *c)
{
    return ((c->heard & EPOLLIN) && conn_wants_read(c))
           || ((c->heard & EPOLLOUT) && conn_wants_write(c));
}

static void update(struct worker *w, struct conn *c)
{
    if (has_work(c) && link_alone(&c->ready))
        link_append(&w->ready, &c->ready);
}

/* The only way out for a client.  Its place in the process is free before its descriptor is. */
static void drop(struct worker *w, struct conn *c)
{
    crew_leave(w->crew);
    conn_close(c, &w->loop);
    crew_freed(w->crew);
}

static void serve_client(struct worker *w, struct conn *c)
{
    struct loop *l = &w->loop;
    bool more = has_work(c);

    for (int rounds = ROUNDS; more && rounds > 0; rounds--) {
        enum io in = IO_ALL, out;
        uint64_t before;

        if (conn_wants_read(c) && (c->heard & EPOLLIN))
            in = conn_fill(c, l);
        before = l->ledger.requests;
        conn_serve(c, l);
        work_for(l->ledger.requests - before, w->crew->work);
        out = conn_flush(c, l);
        if (in == IO_AGAIN
            || (in == IO_PART
                && !(c->heard & (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR))))
            c->heard &= ~(uint32_t)EPOLLIN;
        if (out == IO_AGAIN || out == IO_PART)
            c->heard &= ~(uint32_t)EPOLLOUT;
        more = has_work(c);
    }
    conn_settle(c, l);
    if (conn_finished(c))
        drop(w, c);
    else if (more)
        update(w, c);
}

static void hear_client(struct worker *w, struct conn *c, uint32_t events)
{
    narrate_event(&w->loop.narrator, c->fd, events);
    if (events & (EPOLLERR | EPOLLHUP))
        events |= EPOLLIN | EPOLLOUT;
    c->heard |= events;
    if (mailbox_stops(&w->box))
        update(w, c);
    else if (link_alone(&c->ready))    /* else its turn comes from the ready list */
        serve_client(w, c);
}

static void serve_ready(struct worker *w, struct link *last)
{
    bool done = last == &w->ready;

    while (!done && !mailbox_stops(&w->box)) {
        struct conn *c = conn_of_ready(w->ready.next);

        done = &c->ready == last;
        link_remove(&c->ready);
        narrate_turn(&w->loop.narrator, "from the ready list", c->fd, "");
        serve_client(w, c);
    }
}

static void expire_clients(struct worker *w)
{
    struct conn *c;
    int budget = EXPIRE_BUDGET;

    while (budget-- > 0 && (c = conn_expire_next(&w->loop)) != NULL) {
        c->heard |= EPOLLIN | EPOLLOUT;    /* ask the socket, without an edge */
        link_remove(&c->ready);            /* this is its turn */
        serve_client(w, c);
    }
}

/* A client has come from an accept thread.  Its time runs from now. */
static void take_client(struct worker *w, int fd)
{
    struct epoll_event e = { .events = everything };
    struct conn *c;

    loop_read_clock(&w->loop);
    if ((c = conn_open(&w->loop, fd)) == NULL) {
        crew_leave(w->crew);
        return;
    }
    e.data.ptr = c;
    w->loop.ledger.interest_calls++;
    w->loop.ledger.kernel_bytes += sizeof e;
    if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        drop(w, c);
}

/* The clients first: those that were handed over before the stop have a right to it. */
static void take_mail(struct worker *w)
{
    bool stop;
    int fds[MAILBOX_ROOM], count = worker_take_mail(w, fds, &stop);

    for (int i = 0; i < count; i++)
        take_client(w, fds[i]);
    if (!stop)
        return;
    w->stopping = true;
    loop_stop(&w->loop);
    for (struct conn *c = NULL; (c = conn_next(&w->loop, c)) != NULL; ) {
        conn_stop(c);
        update(w, c);
    }
}

static void *run_net(void *argument)
{
    struct worker *w = argument;
    struct loop *l = &w->loop;
    struct epoll_event events[BATCH];

    while (!w->stopping || !loop_stopped(l)) {
        struct link *last = w->ready.prev;
        bool more = last != &w->ready, mail = false;
        int n = epoll_wait(w->epoll, events, BATCH, more ? 0 : clock_timeout(&l->clock));

        if (n < 0 && !program_judge_wait(w->crew->program, errno, NULL))
            break;
        loop_note_wait(l, n, 0, n > 0 ? (uint64_t)n * sizeof events[0] : 0);
        loop_read_clock(l);
        for (int i = 0; i < n; i++) {
            l->ledger.ready++;
            l->ledger.scanned++;
            if (events[i].data.ptr == &w->box)
                mail = true;
            else
                hear_client(w, events[i].data.ptr, events[i].events);
        }
        serve_ready(w, last);
        if (mail)
            take_mail(w);
        expire_clients(w);
        narrate_rest(&l->narrator);
    }
    worker_end(w);
    return NULL;
}

/* ---- the main thread ---- */

/* When the accept threads have ended nobody is handed over any more, so the net threads can
 * stop after them. */
static void stop(struct server *s)
{
    acceptors_stop(&s->acceptors);
    program_stop(&s->program, &s->loop);
    crew_stop(&s->net);
}

static void run(struct server *s)
{
    struct pollfd slots[] = { { .fd = s->program.signals, .events = POLLIN },
                              { .fd = s->net.box.told, .events = POLLIN } };

    while (atomic_load(&s->net.running) > 0) {
        unsigned asked;

        if (poll(slots, 2, -1) < 0) {
            if (errno != EINTR && errno != ENOMEM) {
                report_line(s->program.options.program, "poll failed: %s; the server ends",
                            strerror(errno));
                s->program.status = EXIT_FAILURE;
                stop(s);
                return;
            }
            slots[1].revents = 0;    /* a signal: it is in the self-pipe */
        }
        acceptors_collect(&s->acceptors, &s->loop);
        asked = crew_hear(&s->net, &s->loop, slots[1].revents != 0);
        if (asked & MAILBOX_FREED)
            acceptors_freed(&s->acceptors);
        if (asked & MAILBOX_STOP)
            stop(s);
    }
    if (!s->program.stopping)    /* no net thread could go on */
        stop(s);
}

int main(int argc, char **argv)
{
    static struct server s;
    struct program *p = &s.program;
    struct mechanism m = mechanism;
    struct number own[] = { [THREADS] = { "--threads", 1, CREW_MAX, 4 },
                            [ACCEPT_THREADS] = { "--accept-threads", 1, CREW_MAX, 1 },
                            [WORK] = { "--work", 0, WORK_MAX, 0 }, { NULL, 0, 0, 0 } };

    numbers_take(own, m.server, &argc, argv);
    m.reserved = CREW_DESCRIPTORS * (uint32_t)(own[THREADS].value + own[ACCEPT_THREADS].value);
    if (!program_open(p, &s.loop, &m, argc, argv)
        || !crew_open(&s.net, p, (unsigned)own[THREADS].value, "net thread")
        || !acceptors_open(&s.acceptors, &s.net, (unsigned)own[ACCEPT_THREADS].value))
        return EXIT_FAILURE;
    s.net.work = own[WORK].value;
    if (!crew_start(&s.net, run_net) || !acceptors_start(&s.acceptors) || !program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    acceptors_collect(&s.acceptors, &s.loop);
    crew_close(&s.net, &s.loop);
    return program_close(p, &s.loop);
}
