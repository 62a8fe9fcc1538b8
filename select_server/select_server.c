/* select_server - many clients in one process, by select(2).
 *
 *     $ build/select_server                               $ telnet 127.0.0.1 8081
 *     select_server: serving calc on 127.0.0.1:8081       9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: two sets of bits, with one bit per descriptor: "tell me when I can read" and
 * "tell me when I can write".  The kernel overwrites them with its answer, so each call gets
 * copies.  The kernel returns how many bits are left, not which: the program looks through
 * the bits to find them.  A set has FD_SETSIZE bits and no more.
 *
 * Read beside: poll_server.c, epoll_lt_server.c, epoll_et_server.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/select.h>

#include "../common/conn.h"
#include "../common/program.h"
#include "../common/signals.h"

static const struct mechanism mechanism = {
    .server = "select_server", .port = "8081", .name = "select", .wait = "select",
    .scans = true, .descriptors = FD_SETSIZE
};

struct server {
    struct program program;
    struct loop    loop;
    fd_set         readers, writers;       /* what we wait for; the listener apart */
    int            nfds;                   /* the highest descriptor in them, plus one */
    struct conn   *clients[FD_SETSIZE];    /* by descriptor; NULL: no client of ours */
};

/* FD_SET of a descriptor beyond FD_SETSIZE writes into the memory behind the set.  So
 * accept_clients lets no such descriptor in. */
static void set_bit(fd_set *set, int fd, bool on)
{
    if (on)
        FD_SET(fd, set);
    else
        FD_CLR(fd, set);
}

/* The sets are copied for each wait anyway, so the listener's bit is set in the copy. */
static void watch_listener(struct server *s, fd_set *readable)
{
    if (program_is_accepting(&s->program, &s->loop))
        set_bit(readable, s->program.listener, true);
}

/* Interest is two bits in our memory; the next select tells the kernel.  This cannot fail, so
 * the result is always true; that of the epoll servers is not. */
static bool update(struct server *s, struct conn *c)
{
    set_bit(&s->readers, c->fd, conn_wants_read(c));
    set_bit(&s->writers, c->fd, conn_wants_write(c));
    return true;
}

/* A new client: its descriptor is its place, in the table as in the sets. */
static void watch(struct server *s, struct conn *c)
{
    s->clients[c->fd] = c;
    if (c->fd >= s->nfds)
        s->nfds = c->fd + 1;
    update(s, c);
}

/* Every client leaves through here. */
static void drop(struct server *s, struct conn *c)
{
    set_bit(&s->readers, c->fd, false);
    set_bit(&s->writers, c->fd, false);
    s->clients[c->fd] = NULL;
    conn_close(c, &s->loop);
    while (s->nfds > s->program.signals + 1 && s->clients[s->nfds - 1] == NULL)
        s->nfds--;
}

static void accept_clients(struct server *s)
{
    struct loop *l = &s->loop;
    struct conn *c;
    int fd;

    narrate_turn(&l->narrator, "the listener", s->program.listener, "read set");
    for (int budget = ACCEPT_BUDGET; budget > 0; budget--) {
        if (!program_accept(&s->program, l, &fd))
            return;
        if (fd < 0)
            continue;
        /* The guard is on the descriptor's value, not on the number of clients: the
         * process may have inherited descriptors from its parent. */
        if (program_full(&s->program, l) || fd >= FD_SETSIZE)
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

/* The wait failed.  select(2) answers EBADF if a descriptor in the sets is not open.  That is
 * a mistake of ours: it was closed, and its bits were not cleared.  select does not say which
 * it is, so we look for it. */
static bool wait_again(struct server *s)
{
    int error = errno, fd = 0;
    char cause[80];

    if (error != EBADF)
        return program_judge_wait(&s->program, error, NULL);
    while (fd < s->nfds && ((!FD_ISSET(fd, &s->readers) && !FD_ISSET(fd, &s->writers))
                            || fcntl(fd, F_GETFD) >= 0))
        fd++;
    if (fd == s->nfds)
        return program_judge_wait(&s->program, error, NULL);
    snprintf(cause, sizeof cause, "descriptor %d is in the sets and is not open", fd);
    return program_judge_wait(&s->program, error, cause);
}

/* The next descriptor from `fd` on that is in one of the sets; there must be one.  FD_ISSET of
 * every descriptor would find the same, but with a thousand descriptors that is more work
 * than the requests are.  A set is an array of words of NFDBITS bits (fds_bits), so one look
 * passes over a word of zeros. */
static int next_ready(const fd_set *readable, const fd_set *writable, int fd)
{
    int word = fd / NFDBITS;
    unsigned long mask = ~0ul << fd % NFDBITS, bits;

    while ((bits = (unsigned long)(readable->fds_bits[word] | writable->fds_bits[word])
                   & mask) == 0) {
        word++;
        mask = ~0ul;
    }
    return word * NFDBITS + ffsl((long)bits) - 1;
}

static void run(struct server *s)
{
    struct loop *l = &s->loop;

    while (!program_done(&s->program, l)) {
        fd_set readable = s->readers, writable = s->writers;
        uint64_t described = l->ledger.now + 1 + program_is_accepting(&s->program, l);
        int ms = clock_timeout(&l->clock);
        struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };
        bool listener_ready = false;
        int fd = -1, left;

        watch_listener(s, &readable);
        left = select(s->nfds, &readable, &writable, NULL, ms < 0 ? NULL : &timeout);
        if (left < 0 && !wait_again(s))
            return;
        /* What a select costs: nfds bits of two sets, in whole words, to the kernel and
         * back. */
        loop_note_wait(l, left, described, 2 * 2 * 8 * (((uint64_t)s->nfds + 63) / 64));
        loop_read_clock(l);

        while (left > 0) {
            bool r, w;

            fd = next_ready(&readable, &writable, fd + 1);
            r = FD_ISSET(fd, &readable);
            w = FD_ISSET(fd, &writable);
            left -= r + w;
            l->ledger.ready++;
            if (fd == s->program.listener) {
                listener_ready = true;
            } else if (fd != s->program.signals && !signals_waiting()) {
                narrate_turn(&l->narrator, "", fd, !w ? "read set" : !r ? "write set"
                                                   : "read set, write set");
                serve_client(s, s->clients[fd]);
            }
        }
        l->ledger.scanned += (uint64_t)(fd + 1);

        /* Not earlier: a new client may get a descriptor that was closed in this batch, and
         * must not be served for what was reported about the old client. */
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
    set_bit(&s.readers, p->signals, true);
    s.nfds = p->signals + 1;    /* the listener was opened earlier, so it is below */
    if (!program_announce(p))
        return EXIT_FAILURE;
    run(&s);
    return program_close(p, &s.loop);
}
