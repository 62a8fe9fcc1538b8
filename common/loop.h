/* loop - what one event loop lends to the steps of its connections.
 *
 * A step of a connection (conn.h) needs the time, the figures to count in, the narrator,
 * the service, and memory to work in.  All connections of one loop share these, so they
 * are here once and are passed to each step: they are neither global nor kept in each
 * connection.  A loop belongs to one thread and takes no lock.  What begins and ends a
 * process (options, listener, signals) is in program.h, and nothing here knows of it.
 */
#ifndef MUXLAB_LOOP_H
#define MUXLAB_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "clock.h"
#include "ledger.h"
#include "narrate.h"
#include "options.h"

/* The most that a loop does after one wait, besides one turn for each ready client. */
enum {
    ACCEPT_BUDGET = 512,    /* clients accepted */
    EXPIRE_BUDGET = 256     /* clients looked at because their clock has expired */
};

/* What a server says about its mechanism, for the ledger and the narrator. */
struct mechanism {
    const char *server;         /* "poll_server" */
    const char *port;           /* the default: "8082" */
    const char *name;           /* in the ledger: "poll" */
    const char *wait;           /* the call that waits: "poll" */
    bool        scans;          /* must it search for the descriptors that are ready? */
    uint32_t    descriptors;    /* it can watch only descriptors below this; 0: any */
    uint32_t    reserved;       /* descriptors that its threads need, if it has threads */
    const char *help;           /* lines about options of its own; NULL: it has none */
};

struct loop {
    enum service     service;
    uint32_t         read_size;    /* bytes; the most that one recv takes */
    int64_t          born;         /* CLOCK_MONOTONIC, nanoseconds */
    struct clock     clock;
    struct ledger    ledger;
    struct narrator  narrator;
    struct workspace work;
};

/* Set up a loop without clients.  It keeps no pointer to the options. */
void loop_init(struct loop *l, const struct mechanism *m, const struct options *o);

/* Read the time, for the clocks and for the ledger: after each wait, and before a client
 * is opened.  25 ns: the kernel is not entered (vdso(7)). */
void loop_read_clock(struct loop *l);

/* A wait has returned: count it and begin its narration.  `reported` is what it returned,
 * `described` how many descriptors it was given, `kernel_bytes` what was copied to the
 * kernel and back. */
void loop_note_wait(struct loop *l, int reported, uint64_t described,
                    uint64_t kernel_bytes);

/* The loop's clients are told to stop: they get two seconds at the most. */
void loop_stop(struct loop *l);

/* Of a loop that was told to stop: is its last client gone, or the time over? */
static inline bool loop_stopped(const struct loop *l)
{
    return l->ledger.now == 0 || !clock_alarm_pending(&l->clock, CLOCK_STOP);
}

#endif
