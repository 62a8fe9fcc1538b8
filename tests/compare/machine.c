#define _GNU_SOURCE
#include "machine.h"

#include "../lib/command.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifndef BUILD_FLAGS
#define BUILD_FLAGS "not known"
#endif

static void describe_processor(char *out, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[300];

    snprintf(out, size, "not known");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(out, size, "%s", strchr(line, ':') + 2);
            break;
        }
    if (file != NULL)
        fclose(file);
}

void machine_describe(struct results *r)
{
    struct utsname u;
    time_t seconds = time(NULL);
    struct tm local;

    uname(&u);
    snprintf(r->host, sizeof r->host, "%s", u.nodename);
    snprintf(r->kernel, sizeof r->kernel, "%.60s %.60s %.60s", u.sysname, u.release,
             u.machine);
    describe_processor(r->cpu, sizeof r->cpu);
#ifdef __clang__
    snprintf(r->compiler, sizeof r->compiler, "%s", __VERSION__);
#else
    snprintf(r->compiler, sizeof r->compiler, "gcc %s", __VERSION__);
#endif
    snprintf(r->flags, sizeof r->flags, "%s", BUILD_FLAGS);
    strftime(r->date, sizeof r->date, "%Y-%m-%d %H:%M %Z",
             localtime_r(&seconds, &local));
    r->descriptors = command_descriptors();
}

/* Whether two CPUs are threads of one core. */
static int are_siblings(int a, int b)
{
    char path[100], list[100] = "", *at = list;
    FILE *file;

    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", a);
    file = fopen(path, "r");
    if (file == NULL || fgets(list, sizeof list, file) == NULL)
        list[0] = '\0';
    if (file != NULL)
        fclose(file);
    while (*at != '\0') {               /* "0,4" or "0-1" */
        long low = strtol(at, &at, 10), high = low;

        if (*at == '-')
            high = strtol(at + 1, &at, 10);
        if (b >= low && b <= high)
            return 1;
        at += strcspn(at, ",");
        at += *at == ',';
        if (*at == '\n')
            break;
    }
    return 0;
}

void machine_choose_cpus(int *server, int *client)
{
    cpu_set_t set;

    *server = *client = -1;
    if (sched_getaffinity(0, sizeof set, &set) == -1 || CPU_COUNT(&set) < 2)
        return;
    for (int i = CPU_SETSIZE - 1; i >= 0; i--) {
        if (!CPU_ISSET((size_t)i, &set))
            continue;
        if (*server == -1)
            *server = i;
        else if (*client == -1 || are_siblings(*server, *client))
            *client = i;
    }
}

double machine_busy(void)
{
    FILE *file = fopen("/proc/stat", "r");
    char line[300] = "", *at = line + strlen("cpu ");
    double ticks = 0;

    if (file != NULL && fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    if (file != NULL)
        fclose(file);
    if (strncmp(line, "cpu ", 4) != 0)
        return 0;
    for (int i = 0; i < 8; i++) {       /* user nice system IDLE IOWAIT irq ... steal */
        double value = strtod(at, &at);

        ticks += i == 3 || i == 4 ? 0 : value;
    }
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

static double seconds_of(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
        (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

double own_busy(void)
{
    struct rusage self, children;

    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return seconds_of(&self) + seconds_of(&children);
}
