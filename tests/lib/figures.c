/* The half of launch.h that looks at the running server from outside, through /proc. */
#define _GNU_SOURCE
#include "check.h"
#include "guard.h"
#include "launch.h"
#include "proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *read_stat(const struct server *s, char *text, size_t room)
{
    const char *stat = proc_stat(s->owner, 0, text, room);

    if (!stat)
        server_fail_gone();
    return stat;
}

/* All threads of the server, for each of which /proc has figures of its own. */
struct threads {
    double ns;         /* of CPU used */
    bool   asleep;     /* all of them, or they are no more */
};

static bool read_thread(void *context, pid_t pid, int tid)
{
    struct threads *all = context;
    char name[40], text[1024];
    const char *state = proc_stat(pid, tid, text, sizeof text);
    double ns;

    all->asleep = all->asleep && (!state || strchr("SZX", *state));
    snprintf(name, sizeof name, "task/%d/schedstat", tid);
    if (proc_read(pid, name, text, sizeof text) > 0 && sscanf(text, "%lf", &ns) == 1)
        all->ns += ns;
    return false;
}

static struct threads read_threads(const struct server *s)
{
    struct threads all = { .asleep = true };

    if (proc_walk(s->owner, "task", read_thread, &all) < 0)
        server_fail_gone();
    return all;
}

double server_cpu(const struct server *s)
{
    unsigned long user, system;
    double nanoseconds = read_threads(s).ns;
    char text[1024];

    if (nanoseconds > 0)
        return nanoseconds / 1e9;
    check(sscanf(read_stat(s, text, sizeof text),
                 "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                 &system) == 2,
          "cannot read /proc/PID/stat");
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long read_status(const struct server *s, const char *field)
{
    long figure = proc_figure(s->owner, "status", field);

    if (figure < 0)
        server_fail_gone();
    return figure;
}

long server_memory(const struct server *s)
{
    return read_status(s, "VmRSS:");
}

/* A sanitizer's shadow reserves terabytes of address space. */
bool server_is_sanitized(const struct server *s)
{
    return read_status(s, "VmSize:") > 1L << 30;
}

int server_descriptors(const struct server *s)
{
    int count = proc_walk(s->owner, "fd", NULL, NULL);

    if (count <= 0) /* 0 as in a zombie */
        server_fail_gone();
    return count;
}

static bool mark_used(void *used, pid_t pid, int fd)
{
    (void)pid;
    ((unsigned char *)used)[fd & 65535] = 1;
    return false;
}

int server_next_descriptor(const struct server *s)
{
    unsigned char used[65536 + 1] = { 0 };
    int lowest = 0;

    if (proc_walk(s->owner, "fd", mark_used, used) <= 0)
        server_fail_gone();
    while (used[lowest])
        lowest++;
    return lowest;
}

rlim_t server_limit_descriptors(const struct server *s, rlim_t limit)
{
    struct rlimit before, now;

    check(prlimit(s->owner, RLIMIT_NOFILE, NULL, &before) == 0, "prlimit: %s",
          strerror(errno));
    now = before;
    now.rlim_cur = limit;
    check(prlimit(s->owner, RLIMIT_NOFILE, &now, NULL) == 0, "prlimit: %s",
          strerror(errno));
    return before.rlim_cur;
}

bool server_is_stopped(const struct server *s)
{
    char text[1024];

    return strchr("Tt", *read_stat(s, text, sizeof text)) != NULL; /* t: by strace */
}

void server_settle(const struct server *s)
{
    double end = guard_now() + 0.1;

    while (!read_threads(s).asleep && guard_now() < end)
        guard_sleep_until(guard_now() + 0.00002);
}

void server_signal_asleep(struct server *s, int sig)
{
    double end = guard_now() + 0.1;
    long before = read_status(s, "voluntary_ctxt_switches:");

    server_signal(s, sig);
    while (read_status(s, "voluntary_ctxt_switches:") == before && guard_now() < end)
        guard_sleep_until(guard_now() + 0.00002);
}

void server_expect_descriptors(const struct server *s, int n)
{
    double end = guard_end();
    char what[100];
    int now;

    while ((now = server_descriptors(s)) != n) {
        snprintf(what, sizeof what, "%d open descriptors in the server, there are %d",
                 n, now);
        guard_pause(end, what);
    }
}

/* The share of a CPU that the server uses for `seconds`; *asleep is the share of this
 * time in which it slept: one that spins never does, even where it gets no CPU. */
static double watch_cpu(const struct server *s, double seconds, double *asleep)
{
    double cpu = server_cpu(s), start = guard_now();
    int looks = 0, sleeps = 0;

    for (; guard_now() < start + seconds; looks++) {
        sleeps += read_threads(s).asleep;
        guard_sleep_until(guard_now() + seconds / 20);
    }
    *asleep = (double)sleeps / looks;
    return (server_cpu(s) - cpu) / (guard_now() - start);
}

void server_expect_calm(const struct server *s, double seconds)
{
    double share = 0, asleep = 0;

    for (int tries = 0; tries < 3; tries++) { /* on a busy machine one may mislead */
        share = watch_cpu(s, seconds, &asleep);
        if (share < 0.05 && asleep > 0.2)
            return;
    }
    check_fail("the server spins: it used %.0f %% of a CPU, expected under 5 %%, and "
               "slept %.0f %% of the time", share * 100, asleep * 100);
}
