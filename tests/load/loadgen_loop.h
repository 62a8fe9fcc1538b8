/*
 * The client's event loop: edge-triggered epoll over all connections. What is
 * asked when is loadgen_pace's; what a run finds is collected in the result.
 */
#ifndef LOADGEN_LOOP_H
#define LOADGEN_LOOP_H

#include "histogram.h"
#include "loadgen_connection.h"
#include "loadgen_options.h"

struct result {
    double seconds;                     /* the window */
    uint64_t requests;                  /* answered rightly in it */
    uint64_t connections;               /* churn: made in it */
    uint64_t unsent;                    /* open loop: due in it, and never sent */
    uint64_t errors[TROUBLE_KINDS];
    int stopped_by;                     /* the signal that ended it early; 0 if none did */
    struct histogram latency;           /* since due, or sent: see enum mode */
    struct histogram uncorrected;       /* open loop: since sent */
    struct histogram lag;               /* open loop: from due until we saw to it */
    double busy, cpu;                   /* parts of the window, 0 to 1 */
    int late;                           /* we were the bottleneck... */
    char late_why[160];                 /* ...which is seen by this */
    double server_cpu, server_user, server_system;      /* s in the window */
    long server_rss_kib;
};

enum phase { PHASE_OPENING, PHASE_WARMUP, PHASE_MEASURING, PHASE_DRAINING };

struct loop {
    const struct options *o;
    const struct exchange *x;
    struct result *r;
    enum phase phase;
    int ep, signals, live;
    int stop;                           /* end this phase now */
    int unopened;                       /* a connection could not be made */
    unsigned total, opened;             /* connections to open; of these so far */
    unsigned alive;                     /* active ones that did not fail */
    unsigned serial;                    /* number of the next connection */
    struct connection *connections;     /* [total] */
    struct connection **active;         /* [o->active] */
    struct request *requests;           /* the rings of all connections */
    uint64_t to_ask;                    /* requests not yet let out */
    uint64_t waiting;                   /* let out, but not yet sent */
    uint64_t owed;                      /* sent, but not yet answered */
    uint64_t start, due;                /* open loop: origin; number of the next */
    uint64_t from, till;                /* the window, ns */
    uint64_t spare;                     /* ns of it with nothing to do */
    uint64_t sign;                      /* when a reply last came to its end */
    uint64_t tick;                      /* when to look at the clock's duties */
    struct received in;
};

uint64_t now_ns(void);                  /* CLOCK_MONOTONIC */

/*
 * Serves until the time `until`, or there is nothing left to ask and to wait
 * for, or l->stop. Returns the time of the last thing that happened.
 */
uint64_t loop_spin(struct loop *l, uint64_t until);

/*
 * Counts the trouble and closes the connection, which is not replaced. The first
 * of each kind is told on stderr.
 */
void loop_fail(struct loop *l, struct connection *c, enum trouble trouble);

const char *trouble_name(enum trouble t);

#endif
