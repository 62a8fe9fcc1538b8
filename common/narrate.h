/* narrate - the sentences of -v and -vv, on stderr.
 *
 * -v tells of each connection.  -vv tells of each wakeup, in one block of the same shape
 * for every mechanism, so that two terminals side by side show what differs:
 *
 *     wakeup 7: described 4 descriptors to poll; it reported 1 ready.
 *       fd 6 [IN]: received 12 bytes, answered 1 request, sent 9 bytes; waits to read.
 *       Scanned 3 slots to find what is ready.
 *
 * What was done with a descriptor is not told by those that do it: it is the difference in
 * the ledger between the beginning of a sentence and its end.  While the server is quiet,
 * each call is one comparison.
 *
 * A narrator belongs to one loop.  It collects a block and writes it at once, so that the
 * blocks of several loops do not mix.  That write may wait for its reader: so -v is for
 * looking, not for service (a terminal stopped with Ctrl-S stops the server).
 */
#ifndef MUXLAB_NARRATE_H
#define MUXLAB_NARRATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger.h"

struct narrator {
    int           level;      /* 0, 1 (-v), 2 (-vv) */
    FILE         *to;         /* stderr, with a buffer of our own; NULL at level 0 */
    bool          scans;      /* does the server search for what is ready? */
    const char   *wait;       /* the call that waits: "poll" */
    const struct ledger *ledger;
    bool          block_open;
    uint64_t      scanned;    /* the ledger's figure when the block began */
    struct ledger sentence;   /* the ledger when the sentence began */
    bool          sentence_open;
    int           fd;         /* what the open sentence is about, */
    const char   *about;      /* what that is, if not a client, */
    char          ready[32];  /* and what was reported of it */
    const char   *wants;      /* what that one waits for now, or NULL */
    bool          fin;        /* that one was sent our FIN */
    const char   *cause;      /* why that one was closed, or NULL */
};

/* The strings and the ledger must stay. */
void narrate_init(struct narrator *n, int level, const struct ledger *ledger,
                  const char *wait, bool scans);

/* Of connections, at level 1 and above. */
void narrate_open(struct narrator *n, int fd);
void narrate_refuse(struct narrator *n, int fd);
void narrate_close(struct narrator *n, int fd, const char *cause);

/* Of wakeups, at level 2. */

/* A wait has returned: how many descriptors it was given, and what it returned, if -1 with
 * errno.  Opens a block. */
void narrate_wakeup(struct narrator *n, uint64_t described, int reported);

/* A descriptor gets its turn: the sentence tells what the ledger counts from here on.  `about`
 * says what the descriptor is if it is no client, else "".  `ready` is what was reported
 * about it, in the mechanism's words ("read set"), or "" if nothing was. */
void narrate_turn(struct narrator *n, const char *about, int fd, const char *ready);

/* The same, of a client of which poll(2) or epoll(7) reported these bits. */
void narrate_event(struct narrator *n, int fd, uint32_t bits);

/* The turn's client was sent our FIN. */
void narrate_fin(struct narrator *n);

/* The turn is over, and this is what its client waits for now. */
void narrate_wants(struct narrator *n, bool to_read, bool to_write);

/* The server goes back to wait: the block is complete. */
void narrate_rest(struct narrator *n);

#endif
