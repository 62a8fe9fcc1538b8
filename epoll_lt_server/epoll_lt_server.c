/* epoll_lt_server - many clients in one process, by epoll(7), level-triggered.
 *
 *     $ build/epoll_lt_server                             $ telnet 127.0.0.1 8083
 *     epoll_lt_server: serving calc on 127.0.0.1:8083     9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: the kernel keeps the interest list.  It is told of a descriptor once
 * (ADD), and again only when what we want of it changes (MOD); a wait hands nothing over,
 * and returns those that are ready by name, so the program searches for nobody.
 * Level-triggered: what is ready stays ready, and is reported by every wait until it is
 * dealt with.
 *
 * Read beside: select_server.c, poll_server.c, epoll_et_server.c.
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

enum { BATCH = 512 };    /* the most that one wait reports; the rest comes with the next */

struct server {
    struct shared shared;
    int           epoll;    /* the interest list; a client's mark is its entry's events */
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

/* If the kernel will not listen again, try once more after another pause. */
static void watch_listener(struct server *s, bool on)
{
    struct shared *sh = &s->shared;

    if (!control(s, EPOLL_CTL_MOD, sh->listener, on ? EPOLLIN : 0, &sh->listener) && on)
        shared_pause_accepting(sh);
}

static uint32_t interest(const struct conn *c)
{
    return (conn_wants_read(c) ? EPOLLIN : 0u) | (conn_wants_write(c) ? EPOLLOUT : 0u);
}

/* Each change of interest is a system call, so only a change is told.  False if the kernel
 * would not hear it (ENOMEM): a client waited for in the wrong way would be reported for
 * ever, or never again, so it has to go. */
static bool update(struct server *s, struct conn *c)
{
    uint32_t events = interest(c);

    return events == c->mark
           || control(s, EPOLL_CTL_MOD, c->fd, c->mark = events, c);
}

/* The interest list is the kernel's memory, and may be refused: then the client goes. */
static void watch(struct server *s, struct conn *c)
{
    c->mark = interest(c);
    if (!control(s, EPOLL_CTL_ADD, c->fd, c->mark, c))
        conn_close(c, &s->shared);
}

/* The only way out for a client.  Closing its descriptor takes it off the interest list, as
 * no other descriptor refers to the same socket (epoll(7)): we never dup or fork, so
 * EPOLL_CTL_DEL would be a system call for nothing. */
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
            return;
        case NET_SHORTAGE:
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

/* One turn of a client, level-triggered: whatever it leaves undone, the next wait says
 * again.  So one recv and one send are enough, and no client can hold up the others. */
static void serve_client(struct server *s, struct conn *c)
{
    struct shared *sh = &s->shared;

    if (conn_wants_read(c))
        conn_fill(c, sh);
    conn_serve(c, sh);
    conn_flush(c, sh);
    conn_settle(c, sh);
    if (conn_finished(c) || !update(s, c))
        drop(s, c);
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
        if (conn_expire(conn_of_timer(t)))
            drop(s, conn_of_timer(t));
        else
            serve_client(s, conn_of_timer(t));
    }
}

/* SIGINT or SIGTERM: accept nobody more, answer what has been received, and leave. */
static void stop(struct server *s)
{
    struct shared *sh = &s->shared;

    watch_listener(s, false);
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
        bool backlog = false;
        int n;

        n = epoll_wait(s->epoll, events, BATCH, clock_timeout(&sh->clock));
        clock_read(&sh->clock);
        count_wait(s, n);

        /* A client is reported once in a batch and closes nobody but itself, so no later
         * event of the batch can speak of one that is gone. */
        for (int i = 0; i < n && !signals_waiting(); i++) {
            void *who = events[i].data.ptr;

            if (who == &sh->listener) {
                backlog = true;
            } else if (who != &sh->signals) {
                narrate_turn(&sh->narrator, "", ((struct conn *)who)->fd,
                             events[i].events);
                serve_client(s, who);
            }
        }
        if (backlog)
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

    options_parse(&options, argc, argv, "epoll_lt_server", "8083");
    if (!shared_open(&s.shared, &options, "epoll_lt", 0))
        return 1;
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0
        || !control(&s, EPOLL_CTL_ADD, s.shared.listener, EPOLLIN, &s.shared.listener)
        || !control(&s, EPOLL_CTL_ADD, s.shared.signals, EPOLLIN, &s.shared.signals)) {
        fprintf(stderr, "epoll_lt_server: cannot set up epoll: %s\n", strerror(errno));
        return 1;
    }
    if (!shared_announce(&s.shared))
        return 1;
    run(&s);
    close(s.epoll);
    return shared_close(&s.shared);
}
