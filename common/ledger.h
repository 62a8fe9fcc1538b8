/* ledger - what a mechanism costs, counted.
 *
 * Plain counters.  The code that does a thing counts it: that costs no system call.
 * docs/ledger.md says how each figure is counted and works an example through.
 * All figures are since the start of the server.
 */
#ifndef MUXLAB_LEDGER_H
#define MUXLAB_LEDGER_H

#include <stddef.h>
#include <stdint.h>

struct ledger {
    /* Work done, and its system calls.  Each request changes these, so they are side by side. */
    uint64_t requests, bad_frames, bytes_in, bytes_out;
    uint64_t read_calls, write_calls;
    uint64_t would_block;      /* accept, read and write calls that ended in EAGAIN */

    /* Waiting: here the mechanisms differ. */
    uint64_t waits;            /* calls of select, poll, epoll_wait */
    uint64_t wait_timeouts;    /* of those, returned with nothing ready */
    uint64_t watched;          /* descriptors described to the kernel by those calls */
    uint64_t ready;            /* distinct descriptors reported ready */
    uint64_t scanned;          /* slots looked at after a wait to find the ready ones */
    uint64_t kernel_bytes;     /* copied across the user/kernel line by wait and interest
                                  calls */
    uint64_t interest_calls;   /* epoll_ctl */

    /* Clients.  accepted = now + the four ways to end. */
    uint64_t accept_calls, accepted, refused, now, peak;
    uint64_t closed_by_peer, closed_by_server, resets, timed_out;

    int64_t age;              /* nanoseconds since the start, as of the last wait */
    const char *server;       /* "poll_server" */
    const char *mechanism;    /* "select", "poll", "epoll_lt", "epoll_et" */
    const char *service;      /* "calc", "echo", "http" */
};

/* No form of the ledger is longer.  Less than PIPE_BUF: see report.h. */
enum { LEDGER_TEXT_MAX = 4000 };

/* Each writes the ledger in one form, at most LEDGER_TEXT_MAX bytes, and returns the
 * length.  JSON: one object and a newline.  Table: lines of a name, a figure and its meaning.
 * Summary: one line, for the end. */
size_t ledger_json(const struct ledger *l, char *to);
size_t ledger_table(const struct ledger *l, char *to);
size_t ledger_summary(const struct ledger *l, char *to);

#endif
