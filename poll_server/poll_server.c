/* poll_server - many clients in one process, by poll(2).
 *
 *     $ build/poll_server                                 $ telnet 127.0.0.1 8082
 *     poll_server: serving calc on 127.0.0.1:8082         9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: an array with one entry per descriptor.  An entry holds what we ask
 * (events) and what the kernel answers (revents), so nothing need be copied between calls.
 * The array has one entry per client, whatever the values of the descriptors.  But each
 * call passes all of it to the kernel.  The kernel returns how many entries are ready, not
 * which: the program looks at one entry after another to find them.
 *
 * Read beside: select_server.c, epoll_lt_server.c, epoll_et_server.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "../common/conn.h"
#include "../common/program.h"
#include "../common/signals.h"

static const struct mechanism mechanism = {
    .server = "poll_server", .port = "8082", .name = "poll", .wait = "poll", .scans = true
};

enum { LISTENER, SIGNALS, CLIENTS };    /* slots: the first of the clients is CLIENTS */

struct server {
    struct program program;
    struct loop    loop;
    struct pollfd *slots;      /* what we wait for, without gaps: `used` of `size` */
    struct conn  **clients;    /* by slot */
    nfds_t         used, size;
};

/* A negative descriptor is ignored by poll. */
static void watch_listener(struct server *s)
{
    s->slots[LISTENER].fd = program_is_accepting(&s->program, &s->loop) ? s->program.listener
                                                                   : -1;
}

/* Interest is the events of a slot; the next poll tells the kernel.  This cannot fail, so the
 * result is always true. */
static bool update(struct server *s, struct conn *c)
{
    s->slots[c->slot].events = (short)((conn_wants_read(c) ? POLLIN : 0)
                                       | (conn_wants_write(c) ? POLLOUT : 0));
    return true;
}

/* Make sure that a slot is free: twice as many, each time there is none. */
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

/* A new client gets the slot behind the last one that is used. */
static void watch(struct server *s, struct conn *c)
{
    c->slot = (uint32_t)s->used++;
    s->clients[c->slot] = c;
    s->slots[c->slot] = (struct pollfd){ .fd = c->fd };
    update(s, c);
}

/* Every client leaves through here.  The last slot moves into the one that becomes free. */
static void drop(struct server *s, struct conn *c)
{
    uint32_t slot = c->slot;
    nfds_t last = --s->used;

    s->slots[slot] = s->slots[last];
    s->clients[slot] = s->clients[last];
    s->clients[slot]->slot = slot;
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
        if (program_full(&s->program, l) || !make_room(s))
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

/* SIGINT or SIGTERM: accept no more clients, answer what has been received, and end. */
static void stop(struct server *s)
{
    program_stop(&s->program, &s->loop);
    for (struct conn *c = NULL; (c = conn_next(&s->loop, c)) != NULL; ) {
        conn_stop(c);
        update(s, c);
    }
}

/* The wait failed.  poll(2) answers EINVAL if there are more entries than RLIMIT_NOFILE, and
 * the limit of a running process can be lowered (prlimit(1)). */
static bool wait_again(struct server *s)
{
    int error = errno;
    struct rlimit limit;
    char cause[80];

    if (error != EINVAL || getrlimit(RLIMIT_NOFILE, &limit) < 0 || s->used <= limit.rlim_cur)
        return program_judge_wait(&s->program, error, NULL);
    snprintf(cause, sizeof cause, "%lu entries, and RLIMIT_NOFILE is now %lu",
             (unsigned long)s->used, (unsigned long)limit.rlim_cur);
    return program_judge_wait(&s->program, error, cause);
}

static void run(struct server *s)
{
    struct loop *l = &s->loop;

    while (!program_done(&s->program, l)) {
        const struct pollfd *slots = s->slots;    /* moves only when clients are added */
        const nfds_t used = s->used;
        nfds_t i = used;
        bool listener_ready = false;
        int left;

        watch_listener(s);
        left = poll(s->slots, used, clock_timeout(&l->clock));
        if (left < 0 && !wait_again(s))
            return;
        /* What a poll costs: of each entry 8 bytes to the kernel, and 2 (revents) back. */
        loop_note_wait(l, left, used - (slots[LISTENER].fd < 0), (8 + 2) * used);
        loop_read_clock(l);

        /* Backwards: the slot that moves into the place of one that leaves has been looked
         * at already, so no client is skipped. */
        while (left > 0 && i > 0) {
            if (slots[--i].revents == 0)
                continue;
            left--;
            l->ledger.ready++;
            if (i == LISTENER) {
                listener_ready = true;
            } else if (i != SIGNALS && !signals_waiting()) {
                narrate_event(&l->narrator, slots[i].fd, (uint32_t)slots[i].revents);
                serve_client(s, s->clients[i]);
            }
        }
        l->ledger.scanned += used - i;

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
    if (!make_room(&s)) {
        fprintf(stderr, "poll_server: cannot set up the array: no memory\n");
        return EXIT_FAILURE;
    }
    s.used = CLIENTS;
    s.slots[LISTENER] = (struct pollfd){ .events = POLLIN };
    s.slots[SIGNALS] = (struct pollfd){ .fd = p->signals, .events = POLLIN };
    if (!program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    free(s.slots);
    free(s.clients);
    return program_close(p, &s.loop);
}
