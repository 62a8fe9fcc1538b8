/* epoll_et_server - many clients in one process, by epoll(7), edge-triggered.
 *
 *     $ build/epoll_et_server                             $ telnet 127.0.0.1 8084
 *     epoll_et_server: serving calc on 127.0.0.1:8084     9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: the interest list of epoll_lt_server, but a wait reports only what is
 * new.  A descriptor is registered once, for everything, and never changed: no system
 * call is ever spent on interest.  In return an edge comes once.  What it said must be
 * remembered until recv or send has denied it with EAGAIN, and every pause that we choose
 * ourselves (a budget, backpressure, want of descriptors) must be remembered too, for no
 * wait will remind us.  The memory is the ready list.
 *
 * Read beside: select_server.c, poll_server.c, epoll_lt_server.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../common/conn.h"
#include "../common/net.h"
#include "../common/shared.h"
#include "../common/signals.h"

enum {
    BATCH = 512,    /* the most that one wait reports; the rest comes with the next */
    ROUNDS = 8      /* the most recv and send calls for one client in one turn */
};

/* Registered once, and no more said about it.  RDHUP and PRI cost nothing and tell when a
 * short read may not be trusted: see serve_client. */
static const uint32_t everything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

struct server {
    struct shared shared;
    int           epoll;      /* the interest list; a client's mark is what the edges said */
    struct link   ready;      /* the ready list: clients with work that no edge will tell */
    bool          backlog;    /* clients wait to be accepted: likewise */
};

/* Change the interest list.  `who` comes back with each event: a client, or the address of
 * the descriptor if it is one of our own. */
static bool control(struct server *s, int operation, int fd, uint32_t events, void *who)
{
    struct epoll_event e = { .events = events, .data.ptr = who };

    s->shared.ledger.interest_calls++;
    s->shared.ledger.kernel_bytes += sizeof e;
    return epoll_ctl(s->epoll, operation, fd, &e) == 0;
}

/* MOD asks anew: if clients wait when the pause is over, it raises an edge (epoll(7)).  If
 * the kernel will not listen again, try once more after another pause. */
static void watch_listener(struct server *s, bool on)
{
    struct shared *sh = &s->shared;

    if (!control(s, EPOLL_CTL_MOD, sh->listener, on ? EPOLLIN | EPOLLET : 0, &sh->listener)
        && on)
        shared_pause_accepting(sh);
}

/* Is there anything that can be done for a client before the next edge?  What its state
 * wants, and what the socket was last known to be ready for, in one. */
static bool has_work(const struct conn *c)
{
    return ((c->mark & EPOLLIN) && conn_wants_read(c))
           || ((c->mark & EPOLLOUT) && conn_wants_write(c));
}

/* In place of telling the kernel of interest: a client with work stands on our list. */
static void update(struct server *s, struct conn *c)
{
    if (has_work(c) && link_alone(&c->ready))
        link_append(&s->ready, &c->ready);
}

/* The interest list is the kernel's memory, and may be refused: then the client goes. */
static void watch(struct server *s, struct conn *c)
{
    if (!control(s, EPOLL_CTL_ADD, c->fd, everything, c))
        conn_close(c, &s->shared);
}

/* The only way out for a client; conn_close unlinks it from the ready list.  Closing the
 * descriptor takes it off the interest list (epoll(7)), as in epoll_lt_server. */
static void drop(struct server *s, struct conn *c)
{
    conn_close(c, &s->shared);
}

static void accept_clients(struct server *s)
{
    struct shared *sh = &s->shared;

    narrate_turn(&sh->narrator, "the listener", sh->listener, NARRATE_READ);
    for (int budget = ACCEPT_BUDGET; budget > 0; budget--) {
        struct conn *c;
        int fd;

        switch (net_accept(sh->listener, &fd, &sh->ledger)) {
        case NET_EMPTY:
            s->backlog = false;
            return;
        case NET_SHORTAGE:
            s->backlog = false;
            watch_listener(s, false);
            shared_pause_accepting(sh);
            return;
        case NET_GONE:
            break;
        case NET_CLIENT:
            clock_read(&sh->clock);    /* its time runs from now, not from the wait */
            if (sh->ledger.now >= sh->max_clients)
                conn_refuse(sh, fd);
            else if ((c = conn_open(sh, fd)) != NULL)
                watch(s, c);
            break;
        }
    }
}

/* One turn of a client, edge-triggered: go on until the socket or the client's state says
 * no, for there will be no second edge; but not for ever, for there are other clients. */
static void serve_client(struct server *s, struct conn *c)
{
    struct shared *sh = &s->shared;
    bool more = has_work(c);

    for (int rounds = ROUNDS; more && rounds > 0; rounds--) {
        enum io in = IO_FULL, out;

        if (conn_wants_read(c) && (c->mark & EPOLLIN))
            in = conn_fill(c, sh);
        conn_serve(c, sh);
        out = conn_flush(c, sh);

        /* A short read says "drained" as well as EAGAIN does and saves the call, unless a
         * FIN or urgent data was reported: recv stops short before either of them, and
         * what is behind raises no edge. */
        if (in == IO_AGAIN
            || (in == IO_SHORT && !(c->mark & (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR))))
            c->mark &= ~(uint32_t)EPOLLIN;
        if (out == IO_AGAIN || out == IO_SHORT)
            c->mark &= ~(uint32_t)EPOLLOUT;
        more = has_work(c);
    }
    conn_settle(c, sh);
    if (conn_finished(c))
        drop(s, c);
    else if (more)
        update(s, c);
}

/* An edge is told once, so it is noted even if there is no time to act on it.  ERR and HUP
 * do not say "close", they say "try the I/O, it will tell you". */
static void hear_client(struct server *s, struct conn *c, uint32_t events)
{
    narrate_turn(&s->shared.narrator, "", c->fd, events);
    if (events & (EPOLLERR | EPOLLHUP))
        events |= EPOLLIN | EPOLLOUT;
    c->mark |= events;
    if (signals_waiting())
        update(s, c);
    else if (link_alone(&c->ready))    /* else its turn comes from the ready list */
        serve_client(s, c);
}

/* Each client on the ready list gets one turn, up to the one that was the last before this
 * batch: who was put behind it has just had a turn.  Nobody up to there has gone since:
 * only their own turn closes them. */
static void serve_ready(struct server *s, struct link *last)
{
    bool done = last == &s->ready;

    while (!done && !signals_waiting()) {
        struct conn *c = conn_of_ready(s->ready.next);

        done = &c->ready == last;
        link_remove(&c->ready);
        narrate_turn(&s->shared.narrator, "from the ready list", c->fd, 0);
        serve_client(s, c);
    }
}

/* Close clients whose clock has expired.  Between batches, since it closes others than the
 * one that was reported. */
static void expire_clients(struct server *s)
{
    struct shared *sh = &s->shared;
    struct timer *t;

    for (int budget = EXPIRE_BUDGET; budget > 0; budget--) {
        if ((t = clock_expired(&sh->clock)) == NULL)
            return;
        narrate_turn(&sh->narrator, "its clock expired", conn_of_timer(t)->fd, 0);
        if (conn_expire(conn_of_timer(t))) {
            drop(s, conn_of_timer(t));
        } else {
            conn_of_timer(t)->mark |= EPOLLIN | EPOLLOUT;    /* ask, without an edge */
            link_remove(&conn_of_timer(t)->ready);           /* this is its turn */
            serve_client(s, conn_of_timer(t));
        }
    }
}

/* SIGINT or SIGTERM: accept nobody more, answer what has been received, and leave. */
static void stop(struct server *s)
{
    struct shared *sh = &s->shared;

    watch_listener(s, false);
    s->backlog = false;
    shared_stop(sh);
    for (struct timer *t = NULL; (t = clock_walk(&sh->clock, t)) != NULL; ) {
        conn_stop(conn_of_timer(t));
        update(s, conn_of_timer(t));
    }
}

static void attend_signals(struct server *s)
{
    struct shared *sh = &s->shared;
    int asked = signals_take(sh->signals);

    narrate_turn(&sh->narrator, "the self-pipe", sh->signals, 0);
    if (asked & SIGNALS_REPORT)
        ledger_table(&sh->ledger, shared_seconds(sh), stderr);
    if (asked & SIGNALS_STOP)
        stop(s);
}

/* What an epoll_wait costs: one struct epoll_event a descriptor reported, and nothing
 * for those that are silent. */
static void count_wait(struct server *s, int reported)
{
    struct ledger *l = &s->shared.ledger;
    uint64_t n = reported > 0 ? (uint64_t)reported : 0;

    l->waits++;
    l->wait_timeouts += reported == 0;
    l->ready += n;
    l->scanned += n;
    l->kernel_bytes += n * sizeof(struct epoll_event);
    narrate_wakeup(&s->shared.narrator, "epoll_wait", 0, reported);
}

static void run(struct server *s)
{
    struct shared *sh = &s->shared;
    struct epoll_event events[BATCH];

    while (!shared_done(sh)) {
        struct link *last = s->ready.prev;
        bool more = s->backlog || last != &s->ready;
        int n;

        n = epoll_wait(s->epoll, events, BATCH, more ? 0 : clock_timeout(&sh->clock));
        clock_read(&sh->clock);
        count_wait(s, n);

        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;

            if (who == &sh->listener)
                s->backlog = true;
            else if (who != &sh->signals)
                hear_client(s, who, events[i].events);
        }
        serve_ready(s, last);
        if (s->backlog)
            accept_clients(s);
        expire_clients(s);
        if (clock_rings(&sh->clock, CLOCK_ACCEPT))
            watch_listener(s, true);
        if (signals_waiting())
            attend_signals(s);
        narrate_rest(&sh->narrator);
    }
}

int main(int argc, char **argv)
{
    static struct server s;
    struct options options;

    options_parse(&options, argc, argv, "epoll_et_server", "8084");
    if (!shared_open(&s.shared, &options, "epoll_et", 0))
        return 1;
    link_init(&s.ready);
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0
        || !control(&s, EPOLL_CTL_ADD, s.shared.listener, EPOLLIN | EPOLLET,
                    &s.shared.listener)
        || !control(&s, EPOLL_CTL_ADD, s.shared.signals, EPOLLIN | EPOLLET,
                    &s.shared.signals)) {
        fprintf(stderr, "epoll_et_server: cannot set up epoll: %s\n", strerror(errno));
        return 1;
    }
    if (!shared_announce(&s.shared))
        return 1;
    run(&s);
    close(s.epoll);
    return shared_close(&s.shared);
}
