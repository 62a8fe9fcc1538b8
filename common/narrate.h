/* narrate - the sentences of -v and -vv, on stderr.
 *
 * -v tells of each connection.  -vv tells of each wakeup, in one block of the same shape
 * for every mechanism, so that two terminals side by side show what differs:
 *
 *     wakeup 7: described 4 descriptors to poll; it reported 1 ready.
 *       fd 6 [IN]: received 12 bytes, answered 1 request, sent 9 bytes; waits to read.
 *       Scanned 3 slots to find what is ready.
 *
 * What was done with a descriptor is not told by those who do it: it is the difference in
 * the ledger between the beginning of a sentence and its end.  While the server is quiet,
 * each call is one comparison.
 */
#ifndef MUXLAB_NARRATE_H
#define MUXLAB_NARRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"
#include "seldom.h"

/* Bits where the mechanism has none: those of POLLIN and POLLOUT. */
enum { NARRATE_READ = 0x001, NARRATE_WRITE = 0x004 };

struct narrator {
    int           level;      /* 0, 1 (-v), 2 (-vv) */
    const struct ledger *ledger;
    const char   *call;       /* the wait of the block that is open, or NULL */
    struct ledger block;      /* the ledger when the block began, */
    struct ledger sentence;   /* and when the sentence did */
    const char   *about;      /* whom the open sentence is about, or NULL */
    int           fd;
    uint32_t      bits;
    uint32_t      wants;      /* what that one waits for now, in the same bits */
    bool          fin;        /* that one was sent our FIN */
    const char   *cause;      /* why that one was closed, or NULL */
};

/* stderr becomes fully buffered at level 2, so that a block is one write. */
void narrate_init(struct narrator *n, int level, const struct ledger *ledger);

/* Of connections, at level 1 and above. */
SELDOM void narrate_open(struct narrator *n, int fd);
SELDOM void narrate_refuse(struct narrator *n, int fd);
SELDOM void narrate_close(struct narrator *n, int fd, const char *cause);

/* Of wakeups, at level 2; to be called through the three below. */
SELDOM void narrate_wakeup_now(struct narrator *n, const char *call, uint64_t described,
                                int reported);
SELDOM void narrate_turn_now(struct narrator *n, const char *about, int fd, uint32_t bits);
SELDOM void narrate_rest_now(struct narrator *n);

/* A wait has returned: how many descriptors were described to `call`, and how many it
 * reported.  Opens a block. */
static inline void narrate_wakeup(struct narrator *n, const char *call,
                                  uint64_t described, int reported)
{
    if (n->level > 1)
        narrate_wakeup_now(n, call, described, reported);
}

/* A descriptor gets its turn: what the ledger says from here on is its doing.  `about`
 * is who it is if not a plain client, else "".  The bits are those of poll(2), which
 * epoll(7) shares; 0 if nobody reported it. */
static inline void narrate_turn(struct narrator *n, const char *about, int fd,
                                uint32_t bits)
{
    if (n->level > 1)
        narrate_turn_now(n, about, fd, bits);
}

/* The turn is over, and this is what its client waits for now.  Only to be called, and the
 * answers only to be worked out, at level 2. */
static inline void narrate_wants(struct narrator *n, bool to_read, bool to_write)
{
    n->wants = (to_read ? NARRATE_READ : 0u) | (to_write ? NARRATE_WRITE : 0u);
}

/* The server goes back to wait: the block is complete. */
static inline void narrate_rest(struct narrator *n)
{
    if (n->level > 1)
        narrate_rest_now(n);
}

#endif
