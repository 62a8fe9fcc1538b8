#define _GNU_SOURCE
#include "loadgen_process.h"

#include "../lib/proc.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/*
 * The CPU clock of another process (clock_getcpuclockid(3)) is the sum of what
 * /proc/PID/task/T/schedstat holds for each thread, but in one call, with the
 * threads that have ended, and up to date for those that run now. Only its
 * division into user and system has to be taken from stat (proc_pid_stat(5)).
 * Memory is from smaps_rollup, because the kernel sums VmRSS from counters
 * that each processor may still hold 32 pages of. Some sandboxes have neither the
 * clock of another process nor smaps_rollup: then stat and VmRSS have to do.
 */
int process_look(pid_t pid, struct process_usage *u)
{
    char text[1024];
    const char *rest;
    unsigned long user, system;
    struct timespec cpu;
    clockid_t clock;
    int no_clock = clock_getcpuclockid(pid, &clock) != 0
                   || clock_gettime(clock, &cpu) < 0;

    rest = proc_stat(pid, 0, text, sizeof text);
    if (!rest || sscanf(rest, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                        &user, &system) != 2)
        return -1;
    u->rss_kib = proc_figure(pid, "smaps_rollup", "Rss:");
    if (u->rss_kib < 0)
        u->rss_kib = proc_figure(pid, "status", "VmRSS:");
    if (u->rss_kib < 0)
        return -1;
    u->user = (double)user / (double)sysconf(_SC_CLK_TCK);
    u->system = (double)system / (double)sysconf(_SC_CLK_TCK);
    u->cpu = no_clock ? u->user + u->system
                      : (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
    return 0;
}
