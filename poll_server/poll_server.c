/* poll_server - many clients in one process, by poll(2).
 *
 *     $ build/poll_server                                 $ telnet 127.0.0.1 8082
 *     poll_server: serving calc on 127.0.0.1:8082         9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: an array with one entry a descriptor, holding what we ask (events) and
 * what the kernel answers (revents), so nothing need be copied between calls.  The array is as
 * long as there are clients, whatever the values of their descriptors.  But each call
 * hands all of it over, and says only how many are ready, so the program looks at one
 * entry after the other to find them.
 *
 * Read beside: select_server.c, epoll_lt_server.c, epoll_et_server.c.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/conn.h"
#include "../common/net.h"
#include "../common/shared.h"
#include "../common/signals.h"

enum { LISTENER, SIGNALS, CLIENTS };    /* slots: the first of the clients is CLIENTS */

struct server {
    struct shared  shared;
    struct pollfd *slots;      /* what we wait for, densely: used of size */
    struct conn  **clients;    /* by slot; a client's mark is its slot */
    nfds_t         used, size;
};

/* A negative descriptor is ignored by poll. */
static void watch_listener(struct server *s, bool on)
{
    s->slots[LISTENER].fd = on ? s->shared.listener : -1;
}

/* Interest is the events of a slot; the kernel learns of them with the next poll.  Nothing
 * can go wrong here, so the answer is always yes. */
static bool update(struct server *s, struct conn *c)
{
    s->slots[c->mark].events = (short)((conn_wants_read(c) ? POLLIN : 0)
                                       | (conn_wants_write(c) ? POLLOUT : 0));
    return true;
}

/* See that there is a slot to spare: twice as many, each time they run out. */
static bool make_room(struct server *s)
{
    nfds_t size = s->size > 0 ? 2 * s->size : 64;
    struct pollfd *slots;
    struct conn **clients;

    if (s->used < s->size)
        return true;
    if ((slots = realloc(s->slots, size * sizeof *slots)) == NULL)
        return false;
    s->slots = slots;
    if ((clients = realloc(s->clients, size * sizeof *clients)) == NULL)
        return false;
    s->clients = clients;
    s->size = size;
    return true;
}

static void watch(struct server *s, struct conn *c)
{
    c->mark = (uint32_t)s->used++;
    s->clients[c->mark] = c;
    s->slots[c->mark] = (struct pollfd){ .fd = c->fd };
    update(s, c);
}

/* The only way out for a client.  The last slot moves into the one that becomes free. */
static void drop(struct server *s, struct conn *c)
{
    nfds_t slot = c->mark, last = --s->used;

    s->slots[slot] = s->slots[last];
    s->clients[slot] = s->clients[last];
    s->clients[slot]->mark = (uint32_t)slot;
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
            if (sh->ledger.now >= sh->max_clients || !make_room(s))
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

/* What a poll costs: of each entry 8 bytes to the kernel, and 2 (its revents) back. */
static void count_wait(struct server *s, int reported)
{
    struct ledger *l = &s->shared.ledger;
    uint64_t described = l->now + 1 + shared_accepting(&s->shared);

    l->waits++;
    l->wait_timeouts += reported == 0;
    l->watched += described;
    l->kernel_bytes += (8 + 2) * (uint64_t)s->used;
    narrate_wakeup(&s->shared.narrator, "poll", described, reported);
}

static void run(struct server *s)
{
    struct shared *sh = &s->shared;

    while (!shared_done(sh)) {
        const struct pollfd *slots = s->slots;    /* moves only when clients are added */
        const nfds_t used = s->used;
        nfds_t i = used;
        bool backlog = false;
        int left;

        left = poll(s->slots, used, clock_timeout(&sh->clock));
        clock_read(&sh->clock);
        count_wait(s, left);

        /* Backwards: the slot that moves into the place of one that leaves has been
         * looked at already, so nobody is skipped. */
        while (left > 0 && i > 0) {
            if (slots[--i].revents == 0)
                continue;
            left--;
            sh->ledger.ready++;
            if (i == LISTENER) {
                backlog = true;
            } else if (i != SIGNALS) {
                narrate_turn(&sh->narrator, "", slots[i].fd, (uint32_t)slots[i].revents);
                serve_client(s, s->clients[i]);
            }
            if (signals_waiting())
                break;
        }
        sh->ledger.scanned += used - i;

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

    options_parse(&options, argc, argv, "poll_server", "8082");
    if (!shared_open(&s.shared, &options, "poll", 0))
        return 1;
    if (!make_room(&s)) {
        fprintf(stderr, "poll_server: cannot set up the array: no memory\n");
        return 1;
    }
    s.used = CLIENTS;
    s.slots[SIGNALS] = (struct pollfd){ .fd = s.shared.signals, .events = POLLIN };
    s.slots[LISTENER] = (struct pollfd){ .events = POLLIN };
    watch_listener(&s, true);
    if (!shared_announce(&s.shared))
        return 1;
    run(&s);
    free(s.slots);
    free(s.clients);
    return shared_close(&s.shared);
}
