/* clock - the timeouts of all connections, at a cost that does not grow with their number.
 *
 * Each connection has one timer, and the timer is in exactly one of three queues:
 *
 *     CLOCK_QUIET      no request has begun, or output cannot be delivered
 *     CLOCK_REQUEST    a request has begun and must be complete in time
 *     CLOCK_LEAVING    our FIN is sent; the peer has this long to send its own
 *
 * All timers of one queue run for the same length of time.  So a timer that is started goes
 * to the end of its queue, and the first timer always expires first.  To start a timer is to
 * relink it.  To find the expired timers is to look at them and at one more.  No heap and
 * no timer wheel is needed.
 *
 * The loop asks: it reads the time after each wait and for each accepted client, asks how long
 * it may sleep, and asks which timers have expired.  Nothing here calls back.  Times are
 * nanoseconds of CLOCK_MONOTONIC, which no change of the date can move (clock_gettime(2)).
 */
#ifndef MUXLAB_CLOCK_H
#define MUXLAB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"

#define CLOCK_SECOND INT64_C(1000000000)

enum clock_kind { CLOCK_QUIET, CLOCK_REQUEST, CLOCK_LEAVING, CLOCK_KINDS };

/* Alarms of the loop itself, one of each kind at a time. */
enum clock_alarm {
    CLOCK_ACCEPT_PAUSE,    /* no client is accepted until then */
    CLOCK_STOP,            /* the server was told to stop, and must be over by then */
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
    int64_t     alarm[CLOCK_ALARMS];    /* when each is due; in the past if it is not set */
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

/* A timer that has expired, or NULL.  It stays in its queue: the next call returns the same
 * one, unless it was started anew or taken out (link_remove). */
struct timer *clock_expired(const struct clock *k);

/* All timers, one after the other: pass NULL first, then the last result, until the result
 * is NULL.  Meanwhile no timer may be started or taken out. */
struct timer *clock_walk(const struct clock *k, const struct timer *last);

/* Set an alarm for `delay` nanoseconds from now; 0 takes it back. */
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
