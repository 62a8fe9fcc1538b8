#define _GNU_SOURCE
#include "rest.h"

#include "../compare/process.h"
#include "../lib/proc.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* The CPU clock of another process (clock_getcpuclockid(3)) is up to date also while it runs;
 * schedstat, of the first thread only, is for sandboxes that have no such clock.  -1: neither. */
static double cpu_seconds(pid_t pid)
{
    char text[100];
    double ns;
    clockid_t clock;
    struct timespec t;

    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    return proc_read(pid, "schedstat", text, sizeof text) > 0 && sscanf(text, "%lf", &ns) == 1
           ? ns / 1e9 : -1;
}

/* Looks for one that is awake; one that has ended meanwhile is not. */
static bool is_awake(void *awake, pid_t pid, int thread)
{
    char text[512];
    const char *stat = proc_stat(pid, thread, text, sizeof text);

    return *(bool *)awake = stat != NULL && *stat != 'S';
}

static bool asleep(pid_t pid)
{
    bool awake = false;

    return proc_walk(pid, "task", is_awake, &awake) > 0 && !awake;
}

enum rest cpu_at_rest(pid_t pid, double patience, double *seconds)
{
    double before = -1, after, end = now() + patience;

    for (;; before = after) {
        bool slept = asleep(pid);

        after = cpu_seconds(pid);
        if (after < 0)
            return NO_PROCESS;
        if (slept && after == before && asleep(pid)) {
            *seconds = after;
            return AT_REST;
        }
        if (now() > end)
            return NEVER_RESTS;
        if (!slept)
            after = -1;
        pause_for(100e-6);
    }
}
