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

/*
 * The CPU clock of another process (clock_getcpuclockid(3)) is the sum of what
 * /proc/PID/task/T/schedstat holds for each thread, but in one call, with the
 * threads that have ended, and up to date for those that run now. Only its
 * division into user and system has to be taken from stat (proc_pid_stat(5)).
 * Memory is from smaps_rollup, because the kernel sums VmRSS from counters
 * that each processor may still hold 32 pages of.
 */
int process_look(pid_t pid, struct process_usage *u)
{
    char text[1024];
    const char *rest;
    unsigned long user, system;
    struct timespec cpu;
    clockid_t clock;
    int error = clock_getcpuclockid(pid, &clock);

    if (error != 0) {
        errno = error;
        return -1;
    }
    if (clock_gettime(clock, &cpu) < 0 || proc_read(pid, "stat", text, sizeof text) < 0)
        return -1;
    errno = EIO;
    rest = strrchr(text, ')');          /* the name before it may hold anything */
    if (!rest || sscanf(rest, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu",
                        &user, &system) != 2)
        return -1;
    if (proc_read(pid, "smaps_rollup", text, sizeof text) < 0)
        return -1;
    errno = EIO;
    rest = strstr(text, "\nRss:");
    if (!rest || sscanf(rest, " Rss: %ld", &u->rss_kib) != 1)
        return -1;
    u->cpu = (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
    u->user = (double)user / (double)sysconf(_SC_CLK_TCK);
    u->system = (double)system / (double)sysconf(_SC_CLK_TCK);
    return 0;
}
