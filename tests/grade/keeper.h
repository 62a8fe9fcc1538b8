/* keeper - the process between the grader and the server that it judges.
 *
 * It starts the command, reads what the command prints, and adopts whatever the command
 * leaves behind (PR_SET_CHILD_SUBREAPER): a server that forks into the background, or
 * into its own session, stays a descendant of the keeper. So all of the server is found
 * in one place (witness.h: the tree below `pid`), and all of it is ended. The keeper
 * ends it also when the grader itself is killed. */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { KEEPER_TAIL = 2048 };

struct keeper {
    pid_t pid;
    struct kept *kept; /* shared with the keeper */
};

struct kept {
    pid_t root;               /* the process of the command */
    volatile int root_ended;  /* and its status, of wait(2) */
    volatile int root_status;
    volatile int not_run;     /* why the command could not be run: errno, or 0 */
    volatile int orphan_ended; /* the last adopted process that ended */
    volatile int orphan_status;
    volatile size_t said;     /* bytes printed so far, on stdout and stderr */
    char tail[KEEPER_TAIL];   /* the last of them, a ring */
};

/* Starts words[0] with the arguments; `spare` descriptors are open in it beside the
 * standard ones. False, with errno, where no process can be made. */
bool keeper_start(struct keeper *k, char *const words[], int spare);

/* Ends the server and the keeper: SIGTERM, a moment later SIGKILL. */
void keeper_stop(struct keeper *k);

/* The last lines the server printed, into `text`, without what is not text. */
void keeper_tail(const struct keeper *k, char *text, size_t room);

#endif
