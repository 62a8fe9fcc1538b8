/* program - how a server process begins, accepts, hears signals, and ends.
 *
 * It is above the loop and the connections: it knows both, and neither knows it.  It
 * never waits; the server's own loop asks it, after each wait, what is to be done.
 */
#ifndef MUXLAB_PROGRAM_H
#define MUXLAB_PROGRAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "options.h"

struct program {
    struct options options;
    const struct mechanism *mechanism;
    uint32_t max_clients;    /* one more is refused */
    int      listener;       /* -1 once the program is stopping */
    int      signals;        /* readable when a signal has come: signals.h */
    int      accept_error;   /* the last error of accept that stderr was told of */
    bool     stopping;
    atomic_int status;       /* what the process will exit with; any thread may say it */
};

/* Begin: read the command line, raise RLIMIT_NOFILE, listen, catch signals, set up the
 * loop.  False if that fails: one line on stderr has said what and why.  A bad command
 * line ends the process (options.h). */
bool program_open(struct program *p, struct loop *l, const struct mechanism *m, int argc,
                  char **argv);

/* Say on stdout what is served, and where.  False if it cannot be said, as above. */
bool program_announce(struct program *p);

/* One accept(2).  False if no client can be accepted now: the backlog is empty, or accepting
 * is paused because of an error.  Otherwise *fd is a client, non-blocking and close-on-exec,
 * or -1 if that client has gone already: call again. */
bool program_accept(struct program *p, struct loop *l, int *fd);

/* Do not watch the listener for 0.1 s, or until a client of the loop is closed.  If there is
 * no descriptor or memory to accept a client with, the client stays in the backlog and the
 * listener stays ready: to try again at once would spin. */
void program_pause(struct loop *l);

/* Is the listener to be watched: neither closed nor paused? */
static inline bool program_is_accepting(const struct program *p, const struct loop *l)
{
    return p->listener >= 0 && !clock_alarm_pending(&l->clock, CLOCK_ACCEPT_PAUSE);
}

/* Are there as many clients as there may be? */
static inline bool program_full(const struct program *p, const struct loop *l)
{
    return l->ledger.now >= p->max_clients;
}

/* A wait has failed with errno `error`.  True if it may be made again at once: a signal
 * interrupted it (EINTR), or the kernel had no memory for it (ENOMEM; the loop spins as
 * long as that lasts).  Any other error would come again in every turn.  Then one line on
 * stderr names it, with `cause` if that is not NULL, and the program has to end: its status
 * will be 1. */
bool program_judge_wait(struct program *p, int error, const char *cause);

/* Signals have come (signals_waiting): print the ledger if one asked for it.  True if the
 * server has to stop. */
bool program_hear(struct program *p, struct loop *l);

/* Stop: close the listener, and give the clients two seconds at the most.  The server
 * calls conn_stop for each of them. */
void program_stop(struct program *p, struct loop *l);

/* Is the program stopped, and the last client gone or the time over? */
static inline bool program_done(const struct program *p, const struct loop *l)
{
    return p->stopping && loop_stopped(l);
}

/* End: close the clients that are left, write the ledger, say the summary line.  Returns
 * the exit status. */
int program_close(struct program *p, struct loop *l);

#endif
