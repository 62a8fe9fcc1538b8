#define _GNU_SOURCE
#include "loadgen_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Reads /proc/PID/NAME into text as a string. Returns 0, or -1 with errno. */
static int proc_read(pid_t pid, const char *name, char *text, size_t size)
{
    char path[48];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    n = read(fd, text, size - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0 ? 0 : -1;
}

/* Resident memory, in KiB, of the file that has it; -1. */
static long rss_in(pid_t pid, const char *name, const char *key)
{
    char text[4096];
    const char *at;
    long kib;

    if (proc_read(pid, name, text, sizeof text) < 0)
        return -1;
    at = strstr(text, key);
    return at && sscanf(at + strlen(key), " %ld", &kib) == 1 ? kib : -1;
}

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

    if (proc_read(pid, "stat", text, sizeof text) < 0)
        return -1;
    errno = EIO;
    rest = strrchr(text, ')');          /* the name before it may hold anything */
    if (!rest || sscanf(rest, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                        &user, &system) != 2)
        return -1;
    u->rss_kib = rss_in(pid, "smaps_rollup", "\nRss:");
    if (u->rss_kib < 0)
        u->rss_kib = rss_in(pid, "status", "\nVmRSS:");
    if (u->rss_kib < 0) {
        errno = EIO;
        return -1;
    }
    u->user = (double)user / (double)sysconf(_SC_CLK_TCK);
    u->system = (double)system / (double)sysconf(_SC_CLK_TCK);
    u->cpu = no_clock ? u->user + u->system
                      : (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
    return 0;
}
