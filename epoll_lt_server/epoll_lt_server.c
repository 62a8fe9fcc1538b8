/* epoll_lt_server - many clients in one process, by epoll(7), level-triggered.
 *
 *     $ build/epoll_lt_server                             $ telnet 127.0.0.1 8083
 *     epoll_lt_server: serving calc on 127.0.0.1:8083     9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: the kernel keeps the interest list.  It is told of a descriptor once
 * (ADD), and again only when our interest in it changes (MOD).  A wait passes nothing to the
 * kernel and returns the descriptors that are ready, so the program need not search.
 * Level-triggered: every wait reports a descriptor as long as it is ready.
 *
 * Read beside: select_server.c, poll_server.c, epoll_et_server.c.
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
    .server = "epoll_lt_server", .port = "8083", .name = "epoll_lt", .wait = "epoll_wait"
};

enum { BATCH = 512 };    /* the most that one wait reports; the rest comes with the next */

struct server {
    struct program program;
    struct loop    loop;
    int            epoll;        /* the interest list */
    uint32_t       listening;    /* the events that it holds for the listener */
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

/* If the kernel refuses the change, it is asked again in the next turn, at the latest after
 * another pause of 0.1 s.  A listener that is closed is off the list. */
static void watch_listener(struct server *s)
{
    struct program *p = &s->program;
    uint32_t events = program_is_accepting(p, &s->loop) ? EPOLLIN : 0;

    if (events == s->listening || p->listener < 0)
        return;
    if (control(s, EPOLL_CTL_MOD, p->listener, events, &p->listener))
        s->listening = events;
    else
        program_pause(&s->loop);
}

static uint32_t interest(const struct conn *c)
{
    return (conn_wants_read(c) ? EPOLLIN : 0u) | (conn_wants_write(c) ? EPOLLOUT : 0u);
}

/* Each change of interest is a system call, so only a change is told.  False if the kernel
 * refuses it (ENOMEM).  With the wrong interest a client is reported in every wait, or
 * never.  So it has to be closed. */
static bool update(struct server *s, struct conn *c)
{
    uint32_t events = interest(c);

    if (events == c->told)
        return true;
    if (!control(s, EPOLL_CTL_MOD, c->fd, events, c)) {
        conn_fail(c);
        return false;
    }
    c->told = events;
    return true;
}

/* The interest list takes memory of the kernel, which may refuse: then the client is closed. */
static void watch(struct server *s, struct conn *c)
{
    c->told = interest(c);
    if (!control(s, EPOLL_CTL_ADD, c->fd, c->told, c)) {
        conn_fail(c);
        conn_close(c, &s->loop);
    }
}

/* Every client leaves through here.  Closing its descriptor takes it off the interest list, as
 * no other descriptor refers to the same socket (epoll(7)): we never dup or fork, so
 * EPOLL_CTL_DEL would be a system call for nothing. */
static void drop(struct server *s, struct conn *c)
{
    conn_close(c, &s->loop);
}

static void accept_clients(struct server *s)
{
    struct loop *l = &s->loop;
    struct conn *c;
    int fd;

    narrate_turn(&l->narrator, "the listener", s->program.listener, "IN");
    for (int budget = ACCEPT_BUDGET; budget > 0; budget--) {
        if (!program_accept(&s->program, l, &fd))
            return;
        if (fd < 0)
            continue;
        if (program_full(&s->program, l))
            conn_refuse(l, fd);
        else if ((c = conn_open(l, fd)) != NULL)
            watch(s, c);
    }
}

/* One turn of a client, level-triggered: the next wait reports again what this turn leaves
 * undone.  So one recv and one send are enough, and no client can hold up the others. */
static void serve_client(struct server *s, struct conn *c)
{
    struct loop *l = &s->loop;

    if (conn_wants_read(c))
        conn_fill(c, l);
    conn_serve(c, l);
    conn_flush(c, l);
    conn_settle(c, l);
    if (conn_finished(c) || !update(s, c))
        drop(s, c);
}

/* Clients whose clock has expired get a turn, and the last turn closes.  After the batch,
 * since it may close clients that were reported. */
static void expire_clients(struct server *s)
{
    struct conn *c;
    int budget = EXPIRE_BUDGET;

    while (budget-- > 0 && (c = conn_expire_next(&s->loop)) != NULL)
        serve_client(s, c);
}

/* SIGINT or SIGTERM: accept no more clients, answer what has been received, and end.  A
 * client whose new interest is refused gets no more turns; program_close closes it. */
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
        bool listener_ready = false;
        int n;

        watch_listener(s);
        n = epoll_wait(s->epoll, events, BATCH, clock_timeout(&l->clock));
        if (n < 0 && !program_judge_wait(&s->program, errno, NULL))
            return;
        /* What an epoll_wait costs: one struct epoll_event a descriptor reported, and
         * nothing for those that are silent. */
        loop_note_wait(l, n, 0, n > 0 ? (uint64_t)n * sizeof events[0] : 0);
        loop_read_clock(l);

        /* A client is reported once in a batch, and its turn closes no other client.  So no
         * later event of the batch can be about a client that is gone. */
        for (int i = 0; i < n; i++) {
            void *owner = events[i].data.ptr;

            l->ledger.ready++;
            l->ledger.scanned++;
            if (owner == &s->program.listener) {
                listener_ready = true;
            } else if (owner != &s->program.signals && !signals_waiting()) {
                narrate_event(&l->narrator, ((struct conn *)owner)->fd, events[i].events);
                serve_client(s, owner);
            }
        }
        if (listener_ready)
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
    s.listening = EPOLLIN;
    s.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s.epoll < 0
        || !control(&s, EPOLL_CTL_ADD, p->listener, s.listening, &p->listener)
        || !control(&s, EPOLL_CTL_ADD, p->signals, EPOLLIN, &p->signals)) {
        fprintf(stderr, "epoll_lt_server: cannot set up epoll: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    if (!program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    close(s.epoll);
    return program_close(p, &s.loop);
}
