/* crew - the worker threads of one process: each with a loop of its own, and what they have
 * in common.
 *
 * What a worker works with is its own: loop, epoll instance, clients.  No other thread
 * touches it, so a request passes without a lock and without a shared word.  The threads
 * meet where clients come and go, and on request:
 *
 *     mailbox          a client handed over; stop; report       (mailbox.h)
 *     crew.clients     how many there are in the process         one addition a client
 *     worker.report    a copy of the worker's ledger             made when it is asked for
 *
 * Signals are for the main thread: the workers block them all.
 */
#ifndef MUXLAB_CREW_H
#define MUXLAB_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../common/conn.h"
#include "../../common/program.h"
#include "mailbox.h"

enum { CREW_MAX = 64 };    /* workers */

/* Each begins a line of the processor's cache, so that no two write to the same one. */
struct worker {
    _Alignas(64) struct loop loop;
    int              epoll;       /* its interest list; the mailbox is on it */
    struct link      ready;       /* the ready list, if the server keeps one */
    bool             stopping;

    struct crew     *crew;
    struct mailbox   box;
    struct ledger    report;      /* a copy of the loop's ledger, under the box's lock */
    pthread_t        thread;
    struct mechanism mechanism;   /* the program's, with this worker's name */
    char             name[64], wait[64];
};

struct crew {
    struct program *program;
    struct worker  *workers;
    unsigned        count;
    long            work;           /* microseconds that each request costs (work.h) */
    atomic_uint     next;           /* who gets the next client */
    struct mailbox  box;            /* the main thread's */
    atomic_uint     clients;        /* of the workers, and on their way to one */
    atomic_bool     wanting;        /* the main thread waits for MAILBOX_FREED */
    atomic_uint     running;        /* workers that have not ended */
    atomic_uint     answers_due;    /* workers that have not copied their ledger yet */
    bool            reporting;      /* a report is under way, */
    bool            again;          /* and another one was asked for */
    bool            joined;         /* the threads have ended */
};

/* Each worker needs so many descriptors: an epoll instance and a mailbox. */
enum { CREW_DESCRIPTORS = 2 };

/* Make `count` workers that do not run yet; `what` is their name ("worker").  False if that
 * fails: one line on stderr has said why. */
bool crew_open(struct crew *c, struct program *p, unsigned count, const char *what);

/* Let each run `work`, which is given its worker.  False as above. */
bool crew_start(struct crew *c, void *(*work)(void *));

/* The next worker in turn whose mailbox has room, or NULL: all are full. */
struct worker *crew_next(struct crew *c);

/* A client comes: counted before it is handed over.  Returns how many there are now, or 0 if
 * that would be one too many; then it is not counted. */
unsigned crew_enter(struct crew *c);

/* A client goes.  Said before its descriptor is closed, so that whoever sees it closed
 * finds its place free. */
static inline void crew_leave(struct crew *c)
{
    atomic_fetch_sub(&c->clients, 1);
}

/* Something is free: wake the main thread, if it waits for that. */
void crew_freed(struct crew *c);

/* Tell all workers to stop. */
void crew_stop(struct crew *c);

/* The main thread was woken, with mail or without: hear the signals and the workers.  On
 * SIGUSR1 the workers are asked for their ledgers, and the table appears when all have
 * answered.  Returns MAILBOX_STOP, once, if the process is to stop, and MAILBOX_FREED if a
 * pause of accepting is over. */
unsigned crew_hear(struct crew *c, struct loop *main_loop, bool mail);

/* A worker has mail: the clients that come to it, and in *stop whether it is to stop. */
int worker_take_mail(struct worker *w, int fds[MAILBOX_ROOM], bool *stop);

/* A worker copies its ledger for other threads, and another thread reads the copy. */
void worker_publish(struct worker *w);
struct ledger worker_published(struct worker *w);

/* Add the figures of another loop of the process.  The peak is not added: two loops need not
 * have had theirs at the same time. */
void ledger_add(struct ledger *sum, const struct ledger *l);

/* A worker ends: close the clients that are left, and tell the main thread. */
void worker_end(struct worker *w);

/* Wait for all threads. */
void crew_join(struct crew *c);

/* Likewise; free what the crew has, and add their ledgers to the main thread's. */
void crew_close(struct crew *c, struct loop *main_loop);

#endif
