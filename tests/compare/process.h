/*
 * process: a server or a load client as a child, pinned to a CPU.
 *
 * What the test harness's own launcher does is to fail a test; here a server that
 * does not start is a result like another, so every call says how it went. Children
 * die with this program.
 */
#ifndef COMPARE_PROCESS_H
#define COMPARE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid;                  /* 0 when there is none */
    pid_t group;                /* of it and what it started; 0 when all have ended */
    pid_t owner;                /* who listens: pid itself, or who it started; 0: unknown */
    bool owner_apart;           /* it is another than pid, and has not ended */
    int status;                 /* of waitpid, once ended */
    char errors[300];           /* the file that has its stderr */
};

struct process_options {
    int cpu;                    /* run on this one only; -1: anywhere */
    int idle_class;             /* yield the CPU to all others (SCHED_IDLE) */
    int fill_from, fill_to;     /* occupy these descriptors before it starts */
    int errors;                 /* a descriptor that its stderr goes to; 0: a file, as follows */
    const char *directory;      /* where its stderr goes */
    const char *name;           /* of that file */
};

/* Starts `sh -c "exec COMMAND"`, so that the pid is the command's own.  A command may be a
 * script that starts the server, or may leave it in the background: see port_owner. */
void process_start(struct process *p, const char *command,
                   const struct process_options *options);

/* Waits at most `seconds` for its end, and that of the owner of its port. 1: ended; 0: still
 * running. */
int process_wait(struct process *p, double seconds);

/* SIGTERM to it and all that it started, and SIGKILL after `seconds`. 0: all ended of
 * themselves; -1: something had to be killed.  What any command has left behind outside of its
 * group, but for owners of a port, ends too: nobody knows whose it is. */
int process_stop(struct process *p, double seconds);

/* The first line that it wrote to stderr, "" if none. */
void process_complaint(const struct process *p, char *line, size_t size);

/* Waits until somebody listens on the port, without disturbing by a connection; only
 * when time has run out is one tried. 0; -1 when the process ended, or to no avail. */
int port_wait(struct process *p, int port, double seconds);

/* Finds p->owner. -1, with errno 0, when it is a process that p did not start. */
int port_owner(struct process *p, int port);

/* INT, TERM and HUP, and the end of this program, end all processes that were started, and wait
 * for their end; `also`, which may use only what a signal handler may, is called then. */
void process_tidy(void (*also)(void));

/* Puts text in quotes for sh; false when there is no room. */
bool quote(char *out, size_t size, const char *text);

/* How many descriptors are open, how many of them are sockets, and the highest of
 * those; -1 if there is none. */
struct descriptors {
    int open, sockets, top_socket;
};
struct descriptors process_descriptors(const struct process *p);

/* Sleeping and looking at the clock (monotonic, seconds). */
double now(void);
void pause_for(double seconds);

#endif
