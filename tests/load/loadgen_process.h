/*
 * What a process has used so far.
 */
#ifndef LOADGEN_PROCESS_H
#define LOADGEN_PROCESS_H

#include <sys/types.h>

struct process_usage {
    double cpu;             /* seconds of all its threads, to the nanosecond */
    double user, system;    /* the parts, as /proc has them: cut to ticks of 10 ms */
    long rss_kib;
};

/* Returns 0, or -1 with errno when there is no such process. */
int process_look(pid_t pid, struct process_usage *u);

#endif
