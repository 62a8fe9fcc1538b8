/* dispatch_server - the level-triggered server in several threads, as memcached divides it.
 *
 *     $ build/dispatch_server --threads 2                 $ telnet 127.0.0.1 8085
 *     dispatch_server: serving calc on 127.0.0.1:8085     9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The main thread accepts, and hands each client to one worker in turn; with that client it
 * has nothing more to do.  A worker is epoll_lt_server without its listener: the loop, the
 * interest list, the clocks and the workspace are its own.  What is new is the way of a
 * client from one thread to another (mailbox.h), and what holds for the process as a whole:
 * one limit of clients, one ledger, one end (crew.h).
 *
 * Read beside: epoll_lt_server.c.  interest, update, watch, serve_client and expire_clients
 * are its functions, with a worker in place of the server; the comments are there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "crew.h"
#include "numbers.h"
#include "work.h"

enum { THREADS, WORK };    /* the options of its own */

static const struct mechanism mechanism = {
    .server = "dispatch_server", .port = "8085", .name = "epoll_lt", .wait = "epoll_wait",
    .help = "      --threads N          workers (4)\n"
            "      --work MICROSECONDS  of processor time for a request (0)\n"
};

enum { BATCH = 512 };    /* the most that one wait reports; the rest comes with the next */

struct server {
    struct program program;
    struct loop    loop;         /* the main thread's: it has no clients */
    int            epoll;        /* the listener, the signals, the main thread's mailbox */
    uint32_t       listening;    /* the events that it holds for the listener */
    struct crew    crew;
};

/* Change the interest list of a loop.  `owner` comes back with each event. */
static bool control(struct loop *l, int epoll, int operation, int fd, uint32_t events,
                    void *owner)
{
    struct epoll_event e = { .events = events, .data.ptr = owner };

    l->ledger.interest_calls++;
    l->ledger.kernel_bytes += sizeof e;
    return epoll_ctl(epoll, operation, fd, &e) == 0;
}

/* ---- the worker ---- */

static uint32_t interest(const struct conn *c)
{
    return (conn_wants_read(c) ? EPOLLIN : 0u) | (conn_wants_write(c) ? EPOLLOUT : 0u);
}

static bool update(struct worker *w, struct conn *c)
{
    uint32_t events = interest(c);

    if (events == c->told)
        return true;
    if (!control(&w->loop, w->epoll, EPOLL_CTL_MOD, c->fd, events, c))
        return false;
    c->told = events;
    return true;
}

/* The only way out for a client.  Its place in the process is free before its descriptor is. */
static void drop(struct worker *w, struct conn *c)
{
    crew_leave(w->crew);
    conn_close(c, &w->loop);
    crew_freed(w->crew);
}

static void watch(struct worker *w, struct conn *c)
{
    c->told = interest(c);
    if (!control(&w->loop, w->epoll, EPOLL_CTL_ADD, c->fd, c->told, c))
        drop(w, c);
}

/* As in epoll_lt_server, but for the work. */
static void serve_client(struct worker *w, struct conn *c)
{
    struct loop *l = &w->loop;
    uint64_t before = l->ledger.requests;

    if (conn_wants_read(c))
        conn_fill(c, l);
    conn_serve(c, l);
    work_for(l->ledger.requests - before, w->crew->work);
    conn_flush(c, l);
    conn_settle(c, l);
    if (conn_finished(c) || !update(w, c))
        drop(w, c);
}

static void expire_clients(struct worker *w)
{
    struct conn *c;
    int budget = EXPIRE_BUDGET;

    while (budget-- > 0 && (c = conn_expire_next(&w->loop)) != NULL)
        serve_client(w, c);
}

/* A client has come from the main thread.  Its time runs from now. */
static void take_client(struct worker *w, int fd)
{
    struct conn *c;

    loop_read_clock(&w->loop);
    if ((c = conn_open(&w->loop, fd)) != NULL)
        watch(w, c);
    else
        crew_leave(w->crew);
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

static void *run_worker(void *argument)
{
    struct worker *w = argument;
    struct loop *l = &w->loop;
    struct epoll_event events[BATCH];

    while (!w->stopping || !loop_stopped(l)) {
        bool mail = false;
        int n = epoll_wait(w->epoll, events, BATCH, clock_timeout(&l->clock));

        if (n < 0 && !program_judge_wait(w->crew->program, errno, NULL))
            break;
        loop_note_wait(l, n, 0, n > 0 ? (uint64_t)n * sizeof events[0] : 0);
        loop_read_clock(l);
        for (int i = 0; i < n; i++) {
            void *owner = events[i].data.ptr;

            l->ledger.ready++;
            l->ledger.scanned++;
            if (owner == &w->box) {
                mail = true;
            } else if (!mailbox_stops(&w->box)) {
                narrate_event(&l->narrator, ((struct conn *)owner)->fd, events[i].events);
                serve_client(w, owner);
            }
        }
        if (mail)
            take_mail(w);
        expire_clients(w);
        narrate_rest(&l->narrator);
    }
    worker_end(w);
    return NULL;
}

/* ---- the main thread ---- */

/* If the kernel refuses the change, it is tried again after another pause. */
static void watch_listener(struct server *s)
{
    struct program *p = &s->program;
    uint32_t events = program_is_accepting(p, &s->loop) ? EPOLLIN : 0;

    atomic_store(&s->crew.wanting, events == 0);
    if (events == s->listening || p->listener < 0)
        return;
    if (control(&s->loop, s->epoll, EPOLL_CTL_MOD, p->listener, events, &p->listener))
        s->listening = events;
    else
        program_pause(&s->loop);
}

static void hand_over(struct server *s, struct worker *w, int fd)
{
    unsigned now = crew_enter(&s->crew);

    if (now == 0)
        conn_refuse(&s->loop, fd);
    else
        mailbox_put(&w->box, fd);    /* there is room: nobody else puts in */
    if (now > s->loop.ledger.peak)
        s->loop.ledger.peak = now;
}

/* A client is accepted only when a mailbox has room for it: else it waits in the backlog, as
 * for want of descriptors. */
static void accept_clients(struct server *s)
{
    struct loop *l = &s->loop;
    struct worker *w;
    int fd;

    narrate_turn(&l->narrator, "the listener", s->program.listener, "IN");
    for (int budget = ACCEPT_BUDGET; budget > 0; budget--) {
        if ((w = crew_next(&s->crew)) == NULL) {
            program_pause(l);
            return;
        }
        if (!program_accept(&s->program, l, &fd))
            return;
        if (fd >= 0)
            hand_over(s, w, fd);
    }
}

static void run(struct server *s)
{
    struct loop *l = &s->loop;
    struct epoll_event events[3];

    while (atomic_load(&s->crew.running) > 0) {
        bool listener_ready = false, mail = false;
        unsigned asked;
        int n;

        watch_listener(s);
        n = epoll_wait(s->epoll, events, 3, clock_timeout(&l->clock));
        if (n < 0 && !program_judge_wait(&s->program, errno, NULL)) {
            crew_stop(&s->crew);
            return;
        }
        loop_note_wait(l, n, 0, n > 0 ? (uint64_t)n * sizeof events[0] : 0);
        loop_read_clock(l);
        for (int i = 0; i < n; i++) {
            l->ledger.ready++;
            l->ledger.scanned++;
            listener_ready = listener_ready || events[i].data.ptr == &s->program.listener;
            mail = mail || events[i].data.ptr == &s->crew.box;
        }
        if (listener_ready)
            accept_clients(s);
        asked = crew_hear(&s->crew, l, mail);
        if (asked & MAILBOX_FREED)
            clock_set_alarm(&l->clock, CLOCK_ACCEPT_PAUSE, 0);
        if (asked & MAILBOX_STOP) {
            program_stop(&s->program, l);
            crew_stop(&s->crew);
        }
        narrate_rest(&l->narrator);
    }
}

int main(int argc, char **argv)
{
    static struct server s;
    struct program *p = &s.program;
    struct mechanism m = mechanism;
    struct number own[] = { [THREADS] = { "--threads", 1, CREW_MAX, 4 },
                            [WORK] = { "--work", 0, WORK_MAX, 0 }, { NULL, 0, 0, 0 } };

    numbers_take(own, m.server, &argc, argv);
    m.reserved = CREW_DESCRIPTORS * (uint32_t)own[THREADS].value;
    if (!program_open(p, &s.loop, &m, argc, argv)
        || !crew_open(&s.crew, p, (unsigned)own[THREADS].value, "worker"))
        return EXIT_FAILURE;
    s.crew.work = own[WORK].value;
    s.listening = EPOLLIN;
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0
        || !control(&s.loop, s.epoll, EPOLL_CTL_ADD, p->listener, EPOLLIN, &p->listener)
        || !control(&s.loop, s.epoll, EPOLL_CTL_ADD, p->signals, EPOLLIN, &p->signals)
        || !control(&s.loop, s.epoll, EPOLL_CTL_ADD, s.crew.box.told, EPOLLIN, &s.crew.box)) {
        fprintf(stderr, "dispatch_server: cannot set up epoll: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    if (!crew_start(&s.crew, run_worker) || !program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    close(s.epoll);
    crew_close(&s.crew, &s.loop);
    return program_close(p, &s.loop);
}
