/* select_server - many clients in one process, by select(2).
 *
 *     $ build/select_server                               $ telnet 127.0.0.1 8081
 *     select_server: serving calc on 127.0.0.1:8081       9@10 + 1234@
 *                                                         6@1244 0@
 *
 * The mechanism: two sets of bits, one bit a descriptor: "tell me when I can read" and
 * "when I can write".  The kernel overwrites them with its answer, so each call is given
 * copies; and it says only how many are ready, so the program looks through the bits to
 * find them.  A set has FD_SETSIZE bits and no more.
 *
 * Read beside: poll_server.c, epoll_lt_server.c, epoll_et_server.c.
 */
#define _GNU_SOURCE
#include <strings.h>
#include <sys/select.h>

#include "../common/conn.h"
#include "../common/net.h"
#include "../common/shared.h"
#include "../common/signals.h"

struct server {
    struct shared shared;
    fd_set        readers, writers;       /* what we wait for */
    int           nfds;                   /* one more than the highest descriptor in them */
    struct conn  *clients[FD_SETSIZE];    /* by descriptor; NULL is none of ours */
};

/* FD_SET beyond FD_SETSIZE would write into whatever lies behind the set in memory; so
 * accept_clients lets no such descriptor in. */
static void set_bit(fd_set *set, int fd, bool on)
{
    if (on)
        FD_SET(fd, set);
    else
        FD_CLR(fd, set);
}

static void watch_listener(struct server *s, bool on)
{
    set_bit(&s->readers, s->shared.listener, on);
}

/* Interest is two bits of ours; the kernel learns of them with the next select.  Nothing
 * can go wrong here, so the answer is always yes. */
static bool update(struct server *s, struct conn *c)
{
    set_bit(&s->readers, c->fd, conn_wants_read(c));
    set_bit(&s->writers, c->fd, conn_wants_write(c));
    return true;
}

static void watch(struct server *s, struct conn *c)
{
    s->clients[c->fd] = c;
    if (c->fd >= s->nfds)
        s->nfds = c->fd + 1;
    update(s, c);
}

/* The only way out for a client. */
static void drop(struct server *s, struct conn *c)
{
    set_bit(&s->readers, c->fd, false);
    set_bit(&s->writers, c->fd, false);
    s->clients[c->fd] = NULL;
    conn_close(c, &s->shared);
    while (s->nfds > s->shared.signals + 1 && s->clients[s->nfds - 1] == NULL)
        s->nfds--;
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
            /* The guard is on the descriptor's value, not on the number of clients: the
             * process may have inherited descriptors from its parent. */
            if (sh->ledger.now >= sh->max_clients || fd >= FD_SETSIZE)
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

/* What a select costs: nfds bits of two sets, in whole words, to the kernel and back. */
static void count_wait(struct server *s, int reported)
{
    struct ledger *l = &s->shared.ledger;
    uint64_t described = l->now + 1 + shared_accepting(&s->shared);

    l->waits++;
    l->wait_timeouts += reported == 0;
    l->watched += described;
    l->kernel_bytes += 2 * 2 * 8 * (((uint64_t)s->nfds + 63) / 64);
    narrate_wakeup(&s->shared.narrator, "select", described, reported);
}

/* The next descriptor from `fd` on that is in one of the sets; there must be one.  Asking
 * FD_ISSET of every descriptor finds the same, but with a thousand of them that is more
 * work than the requests are.  A set is an array of words of NFDBITS bits (fds_bits), and
 * a word of zeros is passed over at one look. */
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
    struct shared *sh = &s->shared;

    while (!shared_done(sh)) {
        fd_set readable = s->readers, writable = s->writers;
        struct timeval timeout;
        bool backlog = false;
        int fd = -1, left;

        left = select(s->nfds, &readable, &writable, NULL,
                      clock_timeval(&sh->clock, &timeout));
        clock_read(&sh->clock);
        count_wait(s, left);

        while (left > 0 && !signals_waiting()) {
            bool r, w;

            fd = next_ready(&readable, &writable, fd + 1);
            r = FD_ISSET(fd, &readable);
            w = FD_ISSET(fd, &writable);
            left -= r + w;
            sh->ledger.ready++;
            if (fd == sh->listener) {
                backlog = true;
            } else if (fd != sh->signals) {
                narrate_turn(&sh->narrator, "", fd,
                             (r ? NARRATE_READ : 0) | (w ? NARRATE_WRITE : 0));
                serve_client(s, s->clients[fd]);
            }
        }
        sh->ledger.scanned += (uint64_t)(fd + 1);

        /* Only now: a descriptor that was closed in this batch may come back as a new
         * client's, and what was reported of the old one must not reach the new. */
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

    options_parse(&options, argc, argv, "select_server", "8081");
    if (!shared_open(&s.shared, &options, "select", FD_SETSIZE))
        return 1;
    watch_listener(&s, true);
    set_bit(&s.readers, s.shared.signals, true);
    s.nfds = s.shared.signals + 1;
    if (!shared_announce(&s.shared))
        return 1;
    run(&s);
    return shared_close(&s.shared);
}
