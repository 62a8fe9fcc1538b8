/* subject - the server that is judged: any command that takes a port.
 *
 * It needs no banner, no options and no signal handler. It has come up when a socket
 * that one of its processes owns listens at the port we chose; that may take seconds
 * (START_MOST). How a start went has a name (enum start); so has its end. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "keeper.h"

#include "../lib/launch.h"
#include "../lib/witness.h"

enum { START_MOST = 10 };

enum start {
    START_LISTENS,
    START_EXITED,     /* the command ended before a socket listened */
    START_NEVER,      /* alive, and nothing listens */
    START_ELSEWHERE,  /* it listens at another port: subject.other_port */
    START_TAKEN,      /* a stranger listens at our port */
    START_IMPOSSIBLE  /* no process, no port: errno */
};

struct subject {
    const char *command;
    struct keeper keeper;
    struct server server; /* its address, for client_try of ../lib/client.h */
    int port, other_port;
    int port_held;        /* of port_choose */
    double start_took;
    pid_t listener;       /* the process that owns the listener; 0: not told */
    bool background;      /* the command ended, its child listens */
    bool wrapped;         /* the command lives, a child of it listens */
    bool second_start;    /* at its first port it ended before it listened */
};

/* Starts the command; `port` 0 chooses a free one. */
enum start subject_start(struct subject *s, int port, int spare);

void subject_stop(struct subject *s);

/* The processes of the server. */
void subject_tree(const struct subject *s, struct tree *t);

/* Does anybody still listen at its port? */
bool subject_listens(const struct subject *s);

/* Could the command not be run at all? (Of one that ended before it listened.) */
bool subject_was_not_run(const struct subject *s);

/* How it ended, in words: "killed by signal 13 (SIGPIPE)", "exited with status 1". The
 * signal is returned, 0 where it ended by itself, -1 where it lives but does not listen. */
int subject_end(const struct subject *s, char *text, size_t room);

#endif
