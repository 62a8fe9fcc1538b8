/* mailbox - how one thread hands something to another that sleeps in epoll_wait.
 *
 * A queue under a lock, and an eventfd(2) that the receiver watches like any client: it can
 * sleep in one place only, so a condition variable would not do.  The lock is held for a few
 * instructions and never across a system call that could block.
 *
 * An eventfd is a counter.  Three writes may be one event, and one read takes them all, so
 * the receiver empties the box and does not believe in one event for one client.  The order
 * makes that safe: the sender puts in first and tells then, the receiver hears first and
 * takes then.  So it is enough that the first one put into an empty box tells.
 */
#ifndef MUXLAB_MAILBOX_H
#define MUXLAB_MAILBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MAILBOX_ROOM = 256 };    /* clients */

/* What can be asked for, besides. */
enum {
    MAILBOX_STOP = 1,      /* to a worker: stop; from a worker: it has ended */
    MAILBOX_REPORT = 2,    /* to a worker: copy the ledger; from the last: it is done */
    MAILBOX_FREED = 4      /* from a worker: a place or a descriptor is free */
};

struct mailbox {
    pthread_mutex_t lock;
    int             told;                 /* the eventfd: readable when there is mail */
    atomic_uint     asked;                /* changed under the lock; read at any time */
    int             count;
    int             fds[MAILBOX_ROOM];    /* clients, the oldest first */
};

/* False, with errno, if there is no descriptor. */
bool mailbox_open(struct mailbox *m);

/* Is there room for one client more?  Stays true while nobody else puts one in. */
bool mailbox_has_room(struct mailbox *m);

/* Put a client in, and tell.  False if the box is full: the client is still the caller's. */
bool mailbox_put(struct mailbox *m, int fd);

/* Ask for something, and tell. */
void mailbox_ask(struct mailbox *m, unsigned what);

/* Take all that is there.  Returns the number of clients; they are the caller's now. */
int mailbox_take(struct mailbox *m, int fds[MAILBOX_ROOM], unsigned *asked);

/* Close the clients that nobody took, and the eventfd. */
void mailbox_close(struct mailbox *m);

/* Is the owner to stop?  For a look between two clients: no lock, no system call. */
static inline bool mailbox_stops(struct mailbox *m)
{
    return atomic_load_explicit(&m->asked, memory_order_relaxed) & MAILBOX_STOP;
}

#endif
