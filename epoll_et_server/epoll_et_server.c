/* epoll_et_server - many clients in one process, by epoll(7), edge-triggered.
 *
 *     $ build/epoll_et_server                             $ telnet 127.0.0.1 8084
 *     epoll_et_server: serving calc on 127.0.0.1:8084     9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: the interest list of epoll_lt_server, but a wait reports only what is
 * new.  A descriptor is registered once, for all events, and never changed: no system call
 * changes interest.  In return, an edge comes once.  The program must remember it until recv
 * or send says EAGAIN.  It must also remember every pause that it makes itself (a budget,
 * backpressure, want of descriptors), because no wait will report the client again.  Its
 * memory is the ready list.
 *
 * Read beside: select_server.c, poll_server.c, epoll_lt_server.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../common/conn.h"
#include "../common/program.h"
#include "../common/signals.h"

static const struct mechanism mechanism = {
    .server = "epoll_et_server", .port = "8084", .name = "epoll_et", .wait = "epoll_wait"
};

enum {
    BATCH = 512,    /* the most that one wait reports; the rest comes with the next */
    ROUNDS = 8      /* the most recv and send calls for one client in one turn */
};

/* What each client is registered for, once.  RDHUP and PRI cost nothing and tell when a
 * short read may not be trusted: see serve_client. */
static const uint32_t everything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

struct server {
    struct program program;
    struct loop    loop;
    int            epoll;      /* the interest list */
    struct link    ready;      /* the ready list: clients with work that no edge will tell */
    bool           backlog;    /* the same of the listener: clients wait to be accepted */
};

/* Change the interest list.  `owner` comes back with each event: a client, or the address
 * of the descriptor if it is one of our own. */
static bool control(struct server *s, int operation, int fd, uint32_t events, void *owner)
{
    struct epoll_event e = { .events = events, .data.ptr = owner };

    s->loop.ledger.interest_calls++;
    s->loop.ledger.kernel_bytes += sizeof e;
    return epoll_ctl(s->epoll, operation, fd, &e) == 0;
}

/* Is there anything that can be done for a client before the next edge?  That is, does its
 * state want what the socket was last known to be ready for? */
static bool has_work(const struct conn *c)
{
    return ((c->heard & EPOLLIN) && conn_wants_read(c))
           || ((c->heard & EPOLLOUT) && conn_wants_write(c));
}

/* The kernel need not be told of interest.  Instead, a client with work is put on our own
 * list. */
static void update(struct server *s, struct conn *c)
{
    if (has_work(c) && link_alone(&c->ready))
        link_append(&s->ready, &c->ready);
}

/* The interest list takes memory of the kernel, which may refuse: then the client is closed. */
static void watch(struct server *s, struct conn *c)
{
    if (!control(s, EPOLL_CTL_ADD, c->fd, everything, c)) {
        conn_fail(c);
        conn_close(c, &s->loop);
    }
}

/* Every client leaves through here; conn_close unlinks it from the ready list.  Closing the
 * descriptor takes it off the interest list (epoll(7)), as in epoll_lt_server. */
static void drop(struct server *s, struct conn *c)
{
    conn_close(c, &s->loop);
}

/* An edge of the listener is heard at any time.  It is remembered while accepting pauses, so
 * the listener need not be taken off the interest list and put back. */
static bool can_accept(const struct server *s)
{
    return s->backlog && program_is_accepting(&s->program, &s->loop);
}

static void accept_clients(struct server *s)
{
    struct loop *l = &s->loop;
    struct conn *c;
    int fd;

    narrate_turn(&l->narrator, "the listener", s->program.listener, "IN");
    for (int budget = ACCEPT_BUDGET; budget > 0; budget--) {
        if (!program_accept(&s->program, l, &fd)) {
            s->backlog = !program_is_accepting(&s->program, l);    /* it pauses: they still wait */
            return;
        }
        if (fd < 0)
            continue;
        if (program_full(&s->program, l))
            conn_refuse(l, fd);
        else if ((c = conn_open(l, fd)) != NULL)
            watch(s, c);
    }
}

/* One turn of a client, edge-triggered: go on until the socket or the client's state says
 * no, since there will be no second edge; but not for ever, since there are other clients. */
static void serve_client(struct server *s, struct conn *c)
{
    struct loop *l = &s->loop;
    bool more = has_work(c);

    for (int rounds = ROUNDS; more && rounds > 0; rounds--) {
        enum io in = IO_ALL, out;

        if (conn_wants_read(c) && (c->heard & EPOLLIN))
            in = conn_fill(c, l);
        conn_serve(c, l);
        out = conn_flush(c, l);

        /* A short read says "drained" as well as EAGAIN does and saves the call, unless a
         * FIN or urgent data was reported: recv stops short before either of them, and
         * what is behind raises no edge. */
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
        drop(s, c);
    else if (more)
        update(s, c);
}

/* An edge is reported once, so it is noted even if there is no time to act on it.  ERR and HUP
 * do not mean "close": recv or send will say what happened. */
static void hear_client(struct server *s, struct conn *c, uint32_t events)
{
    narrate_event(&s->loop.narrator, c->fd, events);
    if (events & (EPOLLERR | EPOLLHUP))
        events |= EPOLLIN | EPOLLOUT;
    c->heard |= events;
    if (signals_waiting())
        update(s, c);
    else if (link_alone(&c->ready))    /* else its turn comes from the ready list */
        serve_client(s, c);
}

/* Give one turn to each client on the ready list, up to the one that was the last before this
 * batch.  The clients behind it have had their turn in this batch.  No client up to there has
 * gone since: only its own turn closes a client. */
static void serve_ready(struct server *s, struct link *last)
{
    bool done = last == &s->ready;

    while (!done && !signals_waiting()) {
        struct conn *c = conn_of_ready(s->ready.next);

        done = &c->ready == last;
        link_remove(&c->ready);
        narrate_turn(&s->loop.narrator, "from the ready list", c->fd, "");
        serve_client(s, c);
    }
}

/* Clients whose clock has expired get a turn, and the last turn closes.  After the batch,
 * since it may close clients that were reported. */
static void expire_clients(struct server *s)
{
    struct conn *c;
    int budget = EXPIRE_BUDGET;

    while (budget-- > 0 && (c = conn_expire_next(&s->loop)) != NULL) {
        c->heard |= EPOLLIN | EPOLLOUT;    /* ask the socket, without an edge */
        link_remove(&c->ready);            /* this is its turn */
        serve_client(s, c);
    }
}

/* SIGINT or SIGTERM: accept no more clients, answer what has been received, and end. */
static void stop(struct server *s)
{
    program_stop(&s->program, &s->loop);
    for (struct conn *c = NULL; (c = conn_next(&s->loop, c)) != NULL; ) {
        conn_stop(c);
        update(s, c);
    }
}

static void run(struct server *s)
{
    struct loop *l = &s->loop;
    struct epoll_event events[BATCH];

    while (!program_done(&s->program, l)) {
        struct link *last = s->ready.prev;
        bool more = can_accept(s) || last != &s->ready;
        int n;

        n = epoll_wait(s->epoll, events, BATCH, more ? 0 : clock_timeout(&l->clock));
        if (n < 0 && !program_judge_wait(&s->program, errno, NULL))
            return;
        /* What an epoll_wait costs: one struct epoll_event a descriptor reported, and
         * nothing for those that are silent. */
        loop_note_wait(l, n, 0, n > 0 ? (uint64_t)n * sizeof events[0] : 0);
        loop_read_clock(l);

        for (int i = 0; i < n; i++) {
            void *owner = events[i].data.ptr;

            l->ledger.ready++;
            l->ledger.scanned++;
            if (owner == &s->program.listener)
                s->backlog = true;
            else if (owner != &s->program.signals)
                hear_client(s, owner, events[i].events);
        }
        serve_ready(s, last);
        if (can_accept(s))
            accept_clients(s);
        expire_clients(s);
        if (signals_waiting() && program_hear(&s->program, l))
            stop(s);
        narrate_rest(&l->narrator);
    }
}

int main(int argc, char **argv)
{
    static struct server s;
    struct program *p = &s.program;

    if (!program_open(p, &s.loop, &mechanism, argc, argv))
        return EXIT_FAILURE;
    link_init(&s.ready);
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0
        || !control(&s, EPOLL_CTL_ADD, p->listener, EPOLLIN | EPOLLET, &p->listener)
        || !control(&s, EPOLL_CTL_ADD, p->signals, EPOLLIN | EPOLLET, &p->signals)) {
        fprintf(stderr, "epoll_et_server: cannot set up epoll: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    if (!program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    close(s.epoll);
    return program_close(p, &s.loop);
}
