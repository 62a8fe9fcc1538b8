/* fake - one socket whose other end, and whose kernel, is the test.
 *
 * Programs that use it are linked with $(FAKE_LINK), so that the calls of common/ for
 * FAKE_FD come here (ld(1), --wrap); those for other descriptors go on to the kernel.
 * Like a socket, it is a stream each way with a limit on either side: what has arrived,
 * and what the send buffer takes.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "../../common/conn.h"
#include "unit.h"

/* The client's descriptor and the listener's: below FD_SETSIZE, above any open one. */
enum { FAKE_FD = 1000, FAKE_LISTENER };

struct fake {
    const char *incoming;    /* what the peer sends, */
    size_t arrived;          /* how much of it has come, */
    size_t taken;            /* and how much was read; the rest is unread */
    bool   fin;              /* the peer's FIN stands behind what has arrived */
    size_t room;             /* what the send buffer still takes; SIZE_MAX: anything */
    char  *sent;             /* what it took so far, sent_size bytes */
    size_t sent_size, sent_capacity;
    bool   fin_sent, closed;
    bool   reset;            /* it was closed with bytes unread: our RST */
    int    interrupts;       /* the next calls to recv and send fail with EINTR */
    int    recv_errno, send_errno, shutdown_errno, ioctl_errno;    /* 0: no failure */
    bool   no_memory;        /* malloc and calloc of common/ fail */
    long   calls;            /* of recv and send */
    long   blocks;           /* of memory that are in use */
};

extern struct fake fake;

/* A fresh socket and a fresh server, quiet, with the default options of the servers but
 * clocks of 600, 30 and 2 ns; and one client on it. */
struct conn *fake_open(struct loop *l, struct options *o, enum service service);
void fake_free(void);

/* More bytes arrive; they must stand where the ones before did. */
void fake_arrive(const char *all, size_t arrived);

/* The peer has sent this text, and nothing but this, since it connected. */
void fake_say(const char *text);

#define FAKE_SUM "9@10 + 1234@"
#define FAKE_REPLY "6@1244 0@"

/* What was sent so far. */
void fake_check_sent(struct test *t, const char *want);

/* What the connection waits for: "read", "write", "both", "nothing"; or "over". */
void fake_check_asks(struct test *t, const struct conn *c, const char *want);

/* What select, poll or epoll would report. */
bool fake_readable(void);
bool fake_writable(void);

/* One turn, as the level-triggered servers take it; the connection lives on. */
void fake_turn(struct conn *c, struct loop *l);

#endif
