/* lane - one server of the race, its clients, and what it was seen to do.
 *
 * Nothing of a lane runs between its turns: every reply has come, and the server sleeps.  A
 * lane that fails is out of the race and says why; the others go on.
 */
#ifndef RACE_LANE_H
#define RACE_LANE_H

#include "figures.h"

#include "../compare/process.h"
#include "../load/loadgen_connection.h"

struct client;

struct lane {
    struct standing standing;
    const char *command;        /* with {port}, and perhaps {service} */
    struct process process;
    int port, epoll, errors;    /* errors: the end of the pipe that its stderr goes to */
    char mechanism[16];         /* as its ledger says; "": it does not say */
    bool tells;                 /* it catches SIGUSR1, which asks for the ledger */
    struct client **clients;    /* standing.clients; the first ones are the active */
    unsigned serial;            /* number of the next client */
    unsigned owed;              /* replies that are under way */
    double replies;             /* that have come */
    double until;               /* till then a reply lets the next request out */
    struct books before, own;   /* at the start of a second; what one report costs */
    struct tally second;        /* the one that is measured */
    char why[200];              /* standing.out */
};

/* The servers on the first processor that is ours, the clients on the second; where there is
 * only one, all are on it, and take turns as they wait for each other. */
void lanes_pin(void);

/* What is asked of every lane's server. */
void lanes_ask(const char *service);

/* Start the server, with room for `most` clients.  A lane whose server does not start is out. */
void lane_start(struct lane *l, const char *service, int most);

/* Hang up on all clients, and end the server. */
void lane_stop(struct lane *l);

/* Connect, or hang up, until it has all clients of the load, or is full. */
void lane_fit(struct lane *l, const struct load *load);

/* A turn of some seconds, added to l->second. */
void lane_turn(struct lane *l, const struct load *load, double seconds);

/* A second begins, and ends. */
void lane_begin(struct lane *l);
void lane_end(struct lane *l);

/* The lane is out, and why. */
void lane_out(struct lane *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* books.c: the server's ledger by SIGUSR1, which prints it on stderr.  False: it does not. */
bool books_read(struct lane *l, struct books *b);

/* books.c: does its process catch SIGUSR1?  Else the signal would end it. */
bool books_told(const struct lane *l);

/* books.c: read away what it wrote; its first line of late, "" if none. */
void books_complaint(struct lane *l, char *line, size_t size);

#endif
