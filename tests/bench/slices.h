/* slices - what the load of a slice and its measuring know of each other. */
#ifndef SLICES_H
#define SLICES_H

#include <stdbool.h>
#include <stddef.h>

#include "../compare/process.h"

enum { BYTES_MAX = 65536 };     /* of the requests that a client has under way */

enum work {
    KEEP,                       /* clients stay, and ask again when they have a reply */
    PACED,                      /* they ask at a rate, replies or not */
    CHURN,                      /* a connection for each request */
    ACCEPT                      /* all connect, ask once, and stay until all have a reply */
};

struct want {
    int active, idle, depth, bytes, rounds;
    double slice;               /* seconds */
    double rate;                /* requests a second, with PACED */
    bool calc, idle_but_first;
    enum work work;
};
extern struct want want;

struct client {
    int fd;
    size_t sent, received;      /* bytes since it connected */
};

struct server {
    const char *name;
    struct process process;
    int port, epoll;
    struct client *clients;
    double *cost;               /* µs per request, a slice each */
};
/* Ends the program: what went wrong, with which server (NULL: none), and errno's word unless
 * it is 0. */
_Noreturn void fail(const struct server *s, const char *what);

/* Decide what is said; once, before all else. */
void load_prepare(void);

/* Connect the clients that stay, and `idle` more; each is answered once. */
void load_connect(struct server *s, int idle);

/* Load the server for a slice.  Returns how many requests it answered; none is under way. */
double load_slice(struct server *s);

/* The clients that a slice of ACCEPT has left connected go. */
void load_hang_up(const struct server *s);

#endif
