/*
 * One connection of the client: asking, sending, and checking what comes.
 *
 * It never waits and knows no epoll. It reads and writes until the kernel says
 * EAGAIN or a transfer falls short, so edge-triggered events suffice.
 */
#ifndef LOADGEN_CONNECTION_H
#define LOADGEN_CONNECTION_H

#include "loadgen_exchange.h"

#include <sys/socket.h>

enum trouble {
    TROUBLE_WRONG,          /* bytes that are not those that had to come */
    TROUBLE_MISSING,        /* closed with replies owed, or without a reason */
    TROUBLE_REFUSED,        /* the server said, or in echo showed, that it is full */
    TROUBLE_CONNECT,        /* no connection came about */
    TROUBLE_TIMEOUT,        /* replies owed did not come in time */
    TROUBLE_KINDS,
    TROUBLE_NONE = TROUBLE_KINDS
};

struct request {
    uint64_t due, sent;     /* ns; the same but in open loop */
};

/* What one recv gave: one for all connections, since nothing has to stay in it. */
struct received {
    size_t size;
    unsigned char data[TAPE_CHUNK];
};

/* In the order of use: with thousands of them, each cache line counts. */
struct connection {
    int fd;                     /* -1: closed */
    int active;
    struct request *requests;   /* [depth], the caller's */
    unsigned depth;             /* the most requests under way */
    unsigned owed;              /* requests under way */
    unsigned oldest;            /* of these, in the ring */
    struct place ask;
    size_t unwritten;           /* bytes asked but not yet sent */
    struct checked answer;
    uint64_t next, waiting;     /* open loop: the next to send; how many are due */
    unsigned number;
    const char *step;           /* after a failure: the call, and its errno */
    int error;
};

/*
 * Opens a socket and begins to connect it. c->active, depth and requests are
 * the caller's to set before. Returns 0, or -1 with c->step and c->error set.
 *
 * Sources are spread over 127.0.0.1 to .250, since there are only some 28,000
 * ports for each pair of addresses (ip_local_port_range); ::1 has no others.
 */
int connection_open(struct connection *c, const struct exchange *x, unsigned number,
                    const struct sockaddr_storage *to, socklen_t to_size);

/* Asks once more; c->owed must be below c->depth. Nothing is sent yet. */
void connection_ask(struct connection *c, const struct exchange *x, uint64_t due,
                    uint64_t now);

/*
 * Sends what is asked, as far as the kernel takes it. A failure is left for
 * connection_pull to find, after what the server said before it hung up.
 */
void connection_push(struct connection *c, const struct exchange *x);

/*
 * Receives and checks. `hung_up`: the event said RDHUP, HUP or ERR, so that a
 * short read is no proof that all was read. Adds the replies that completed to
 * *complete; these are still to be taken off by connection_answered. After
 * TROUBLE_WRONG the bytes in question are in `in`.
 */
enum trouble connection_pull(struct connection *c, const struct exchange *x,
                             struct received *in, int hung_up, unsigned *complete);

/* Takes off the oldest request under way. */
struct request connection_answered(struct connection *c);

void connection_close(struct connection *c);

#endif
