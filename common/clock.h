/* clock - the timeouts of all connections, at a cost that does not grow with them.
 *
 * Each connection has one timer, which stands in exactly one of three queues:
 *
 *     CLOCK_QUIET      no request is begun, or output cannot be delivered
 *     CLOCK_REQUEST    a request is begun and must be complete in time
 *     CLOCK_LEAVING    our FIN is sent; the peer has this long to send its own
 *
 * All timers of one queue run for the same length of time, so a timer that is started
 * goes to the end and the first one always expires first.  Starting is a relink, and
 * a sweep looks at what has expired and at one timer more: no heap, no wheel.
 *
 * The loop pulls: it reads the time once a turn, and for each client accepted, asks how
 * long it may sleep, and asks for what has expired.  Nothing here calls back.  Times are
 * nanoseconds of CLOCK_MONOTONIC, which no change of the date can move (clock_gettime(2)).
 */
#ifndef MUXLAB_CLOCK_H
#define MUXLAB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"

#define CLOCK_SECOND INT64_C(1000000000)

enum clock_kind { CLOCK_QUIET, CLOCK_REQUEST, CLOCK_LEAVING, CLOCK_KINDS };

/* Appointments of the loop itself, one of each at a time. */
enum clock_alarm {
    CLOCK_ACCEPT,    /* accepting is paused until then */
    CLOCK_STOP,      /* the server was told to stop, and must be over by then */
    CLOCK_ALARMS
};

struct timer {
    struct link link;    /* in its queue */
    int64_t     due;     /* when it expires */
    enum clock_kind kind;
};

struct clock {
    int64_t     now;                    /* as of the last clock_read */
    int64_t     length[CLOCK_KINDS];    /* 0: timers of this kind never expire */
    struct link queue[CLOCK_KINDS];
    int64_t     alarm[CLOCK_ALARMS];    /* when they are due; due or never set: past */
};

/* Lengths are in nanoseconds; 0 means never. */
void clock_init(struct clock *k, int64_t quiet, int64_t request, int64_t leaving);

/* Bring k->now up to date. */
void clock_read(struct clock *k);

/* Start a timer from now, or start it anew.  A new timer's link must be initialised. */
static inline void clock_start(struct clock *k, struct timer *t, enum clock_kind kind)
{
    link_remove(&t->link);
    link_append(&k->queue[kind], &t->link);
    t->kind = kind;
    t->due = k->now + k->length[kind];
}

/* A timer that has expired, or NULL.  It is still in its queue, so unless it is started
 * anew or taken out (link_remove) the same one comes again. */
struct timer *clock_expired(const struct clock *k);

/* All timers, one after the other: pass NULL first, then the last answer; NULL
 * ends.  No timer may be started or taken out meanwhile. */
struct timer *clock_walk(const struct clock *k, const struct timer *last);

/* Set an alarm for `delay` nanoseconds from now; 0 makes it due at once. */
void clock_set_alarm(struct clock *k, enum clock_alarm a, int64_t delay);

/* Is this alarm set, and not yet due? */
static inline bool clock_alarm_pending(const struct clock *k, enum clock_alarm a)
{
    return k->alarm[a] > k->now;
}

/* How long a wait may sleep: milliseconds, -1 for ever, as poll(2) and epoll_wait(2) take it;
 * rounded up, so that the wait does not end just before the time. */
int clock_timeout(const struct clock *k);

#endif
