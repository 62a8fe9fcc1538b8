/* shared - what all connections of one server have in common, and how a server begins
 * and ends.  It is passed to every step of a connection: neither global nor kept in each.
 */
#ifndef MUXLAB_SHARED_H
#define MUXLAB_SHARED_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "clock.h"
#include "ledger.h"
#include "narrate.h"
#include "options.h"
#include "service.h"

/* What one turn of a loop may do at the most, besides one turn for each ready client. */
enum {
    ACCEPT_BUDGET = 512,    /* clients accepted */
    EXPIRE_BUDGET = 256     /* clients looked at because their clock has expired */
};

struct shared {
    const struct options *options;
    enum service    service;
    uint32_t        read_size;      /* the most that one recv takes */
    uint32_t        max_clients;    /* one more is refused */
    int             listener;       /* -1 once the server is stopping */
    int             signals;        /* readable when a signal has come: signals.h */
    bool            stopping;
    int64_t         born;           /* CLOCK_MONOTONIC, nanoseconds */
    struct clock    clock;
    struct ledger   ledger;
    struct narrator narrator;
    struct spare    spare;
};

/* Begin: raise RLIMIT_NOFILE, listen, catch signals.  `mechanism` is the ledger's word;
 * `descriptors` is how many the mechanism can watch, 0 for any number.  False if that
 * fails: one line on stderr has said what and why. */
bool shared_open(struct shared *sh, const struct options *options, const char *mechanism,
                 uint32_t descriptors);

/* Say on stdout what the server serves, and where.  False if it has no address to tell, as
 * above. */
bool shared_announce(const struct shared *sh);

/* There is no descriptor or memory to accept another client with.  Whoever waits stays in
 * the backlog and the listener stays ready, so it must not be watched until CLOCK_ACCEPT
 * rings: after 0.1 s, or at our next close. */
void shared_pause_accepting(struct shared *sh);

/* Is the listener to be watched: neither paused nor closed? */
static inline bool shared_accepting(const struct shared *sh)
{
    return sh->listener >= 0 && !clock_alarm_set(&sh->clock, CLOCK_ACCEPT);
}

/* Stop: close the listener, and give the clients two seconds at the most.  The server
 * then calls conn_stop for each. */
void shared_stop(struct shared *sh);

/* Is the server stopped, and the last client gone or the time over? */
bool shared_done(struct shared *sh);

/* End: close the rest, write the ledger, say the summary line.  Returns the exit status. */
int shared_close(struct shared *sh);

/* The age of the server. */
static inline double shared_seconds(const struct shared *sh)
{
    return (double)(sh->clock.now - sh->born) / (double)CLOCK_SECOND;
}

#endif
