/* signals - signals as a descriptor in the watched set: the self-pipe.
 *
 * A handler may do very little (signal-safety(7)).  And if a signal arrives just before a
 * wait, the wait must not sleep.  So the handler writes a byte into a pipe, and the loop
 * watches the other end like a client (D. J. Bernstein's self-pipe trick).
 *
 * Why not pselect(2), ppoll(2), epoll_pwait(2)?  They deliver a blocked signal only when
 * they would sleep.  A wait that finds work returns at once, and the signal is still
 * pending.  Under load the program would never see it.
 *
 * SIGINT and SIGTERM ask the server to stop; a second one ends the process at once with
 * status 1.  SIGUSR1 asks for a report.  SIGPIPE and SIGXFSZ are ignored: their default
 * action would end the process without a message, and write(2) reports EPIPE and EFBIG.
 */
#ifndef MUXLAB_SIGNALS_H
#define MUXLAB_SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>

enum {
    SIGNALS_STOP = 1,
    SIGNALS_REPORT = 2
};

/* Install the handlers, and let their signals in: a parent may have blocked them, and a mask
 * is inherited over execve(2).  Returns the descriptor to watch for reading,
 * non-blocking and close-on-exec, or -1 with errno. */
int signals_open(void);

/* What has been asked for: SIGNALS_REPORT since the last call, SIGNALS_STOP ever; or 0.
 * Empties the pipe. */
int signals_take(int fd);

/* Has a signal arrived that signals_take has not returned yet?  A batch of a thousand clients
 * asks this before it serves each, and serves no more: the next wait, or the ready list, has
 * them again.  No system call. */
extern atomic_bool signals_arrived;

static inline bool signals_waiting(void)
{
    return atomic_load_explicit(&signals_arrived, memory_order_relaxed);
}

#endif
