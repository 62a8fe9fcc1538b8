/* books - what is the case in one lane, between two system calls of its server.
 *
 * Three kinds of knowledge, and the page keeps them apart:
 *   - seen: the calls, their arguments and results; what the clients sent and read;
 *   - derived of the kernel: queues, readiness, epoll's ready list. By its documented
 *     rules; and each wait's result, /proc/net/tcp and /proc/PID/fdinfo must agree;
 *   - derived of the program: its buffers, marks, ready list and ledger. By the rules that
 *     its source states; and the time each wait is given, and its own ledger, must agree.
 * A disagreement fails the test, so no page is made of it. */
#ifndef BOOKS_H
#define BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "../../common/ledger.h"
#include "tracee.h"

enum { FDS = 1200, PEERS = 3, SAID = 600, TEXT = 24576 };

enum mechanism_kind { BY_SELECT, BY_POLL, BY_EPOLL_LT, BY_EPOLL_ET, LANES };

/* A client that the script names. */
struct peer {
    int fd;                     /* its own end; 0: not there */
    int port;                   /* of its own end */
    int slot;                   /* the server's descriptor; -1: not accepted */
    uint32_t said, taken;       /* bytes sent, and received by the server */
    uint32_t got;               /* bytes of replies that it has read */
    bool fin, fin_taken;        /* sent its FIN; the server has read it */
};

enum { NOBODY, LISTENER = 'l', SIGNALS = 's', SILENT = '.' };    /* a client: 'A' ... */

/* A descriptor of the server. */
struct slot {
    char who;
    bool listed;                /* the program waits for it */
    bool blocked;               /* its send buffer is full, as far as was told */
    bool shut;                  /* the server has sent its FIN */
    uint32_t interest;          /* EPOLLIN ...; of select: IN and OUT for the two sets */
    uint32_t reported;          /* by the last wait */
    uint32_t heard;             /* epoll_et: the mark */
    uint64_t owner;             /* what epoll gives back */
    uint32_t in, out;           /* bytes in the program's two buffers */
};

struct books {
    enum mechanism_kind kind;
    struct slot slots[FDS];
    struct peer peers[PEERS];
    int top;                    /* one more than the highest slot in use */
    int epoll;
    short backlog[PEERS + 1];   /* clients that wait to be accepted: peers, -1 is a silent one */
    int waiting;
    bool signal;                /* the self-pipe holds a byte */
    short ready[FDS];           /* epoll's ready list, in order */
    int ready_count;
    short array[FDS];           /* poll: the descriptors by slot, -1 is none */
    int described;              /* entries of it; select: nfds */
    bool backlog_heard;         /* epoll_et: the mark of the listener */
    bool paused;                /* accept has failed for want of descriptors */
    int timeout;                /* of the wait: -1 for ever, 0 not at all, 1 some time */
    int reports;                /* the last wait's result */
    struct ledger ledger;
};

/* What the clients said, which the books only count. */
struct words {
    char said[PEERS][TEXT];
};

/* A rule to break, for the test of the test; "" is none. */
extern const char *books_crook;

void books_init(struct books *b, enum mechanism_kind kind);

/* A call is entered, or has returned. */
void books_enter(struct books *b, const struct tracee *t);
void books_return(struct books *b, const struct tracee *t, const struct words *w);

/* What the kernel notes of a client's act. */
void books_came(struct books *b, int peer);         /* it is in the backlog; -1 a silent one */
void books_said(struct books *b, int peer, uint32_t bytes);
void books_finished(struct books *b, int peer);
void books_room(struct books *b, int fd);           /* its send buffer has room again */
void books_signalled(struct books *b);

/* What could be done with a descriptor now. */
uint32_t books_readiness(const struct books *b, int fd);

/* epoll_et: does it stand on the program's own ready list? */
bool books_has_work(const struct books *b, int fd);

/* The wait sleeps: so nothing that it watches is ready. */
void books_hold_sleep(const struct books *b);

/* Hold the books against the sockets and the interest list, while the server stands still;
 * against /proc/net/tcp; and against the ledger's table that the server printed. */
void books_hold_system(const struct books *b, const struct tracee *t);
void books_hold(const struct books *b, const struct tracee *t);
void books_hold_ledger(const struct books *b, const char *table);

#endif
