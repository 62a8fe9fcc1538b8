#define _GNU_SOURCE
#include "rest.h"

#include "../compare/process.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The CPU clock of another process (clock_getcpuclockid(3)) is up to date also while it runs;
 * schedstat, of the first thread only, is for sandboxes that have no such clock.  -1: neither. */
static double cpu_seconds(pid_t pid)
{
    char path[64];
    double ns = -1e9;
    clockid_t clock;
    struct timespec t;
    FILE *file;

    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    file = fopen(path, "r");
    if (file == NULL)
        return -1;
    if (fscanf(file, "%lf", &ns) != 1)
        ns = -1e9;
    fclose(file);
    return ns / 1e9;
}

/* Of proc_pid_stat(5), behind the name in parentheses: S is asleep. */
static bool thread_sleeps(pid_t pid, const char *thread)
{
    char path[300], line[512] = "", *name_end;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%s/stat", (int)pid, thread);
    file = fopen(path, "r");
    if (file == NULL)
        return true;            /* it has ended meanwhile */
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    fclose(file);
    name_end = strrchr(line, ')');
    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

static bool asleep(pid_t pid)
{
    char path[64];
    bool all = true;
    DIR *threads;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    threads = opendir(path);
    if (threads == NULL)
        return false;
    for (struct dirent *e; all && (e = readdir(threads)) != NULL; )
        if (e->d_name[0] != '.')
            all = thread_sleeps(pid, e->d_name);
    closedir(threads);
    return all;
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
