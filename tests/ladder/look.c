#define _GNU_SOURCE
#include "look.h"

#include "../lib/check.h"
#include "../lib/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the kernel lists a process's children, they need not be looked for among all. */
static bool each_listed(const struct server *s, void (*visit)(void *, const char *),
                        void *argument)
{
    char path[64];
    FILE *children;
    int pid;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)s->pid, (int)s->pid);
    if ((children = fopen(path, "r")) == NULL)
        return false;
    while (fscanf(children, "%d", &pid) == 1) {
        snprintf(path, sizeof path, "/proc/%d", pid);
        visit(argument, path);
    }
    fclose(children);
    snprintf(path, sizeof path, "/proc/%d", (int)s->pid);
    visit(argument, path);
    return true;
}

/* Calls visit(argument, "/proc/PID") for the server and each of its children. */
static void each_process(const struct server *s, void (*visit)(void *, const char *),
                         void *argument)
{
    DIR *proc;
    struct dirent *entry;

    if (each_listed(s, visit, argument))
        return;
    proc = opendir("/proc");
    check(proc != NULL, "cannot read /proc: %s", strerror(errno));
    while ((entry = readdir(proc)) != NULL) {
        int pid = atoi(entry->d_name), parent = 0;
        char path[64];
        FILE *stat;

        if (pid <= 0)
            continue;
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        if (pid != s->pid && (stat = fopen(path, "r")) != NULL) {
            if (fscanf(stat, "%*d (%*[^)]) %*c %d", &parent) != 1)
                parent = 0;
            fclose(stat);
        }
        snprintf(path, sizeof path, "/proc/%d", pid);
        if (pid == s->pid || parent == s->pid)
            visit(argument, path);
    }
    closedir(proc);
}

static void count(void *argument, const char *path)
{
    (void)path;
    ++*(int *)argument;
}

int look_processes(const struct server *s)
{
    int n = 0;

    each_process(s, count, &n);
    return n;
}

/* What all threads are doing, summed. */
struct tasks {
    int total, awake;
    long switches;
};

static void add_task(struct tasks *t, const char *path)
{
    FILE *status = fopen(path, "r");
    char line[200], state = '?';
    long n;

    if (!status)
        return;    /* it has just ended */
    t->total++;
    while (fgets(line, sizeof line, status)) {
        sscanf(line, "State: %c", &state);
        if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1)
            t->switches += n;
    }
    t->awake += state != 'S';
    fclose(status);
}

static void add_tasks(void *argument, const char *path)
{
    char name[400];
    DIR *tasks;
    struct dirent *entry;

    snprintf(name, sizeof name, "%s/task", path);
    if ((tasks = opendir(name)) == NULL)
        return;
    while ((entry = readdir(tasks)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(name, sizeof name, "%s/task/%s/status", path, entry->d_name);
        add_task(argument, name);
    }
    closedir(tasks);
}

int look_threads(const struct server *s)
{
    struct tasks t = { 0 };

    each_process(s, add_tasks, &t);
    return t.total;
}

bool look_rests(const struct server *s)
{
    static long before;
    struct tasks t = { 0 };
    bool rests;

    each_process(s, add_tasks, &t);
    rests = t.awake == 0 && t.switches == before;
    before = t.switches;
    return rests;
}

bool look_settled(const struct server *s, bool (*over)(void *), void *argument)
{
    double end = guard_end();

    for (int looks = 0; looks < 10 && guard_now() < end; looks = look_rests(s) ? looks + 1 : 0) {
        if (over && over(argument))
            return false;
        usleep(5000);
    }
    return guard_now() < end;
}

int look_runs(const struct server *s, int n)
{
    int runs = 0;

    for (int i = 0; i < n; i++) {
        struct tasks t = { 0 };

        usleep(5000);
        each_process(s, add_tasks, &t);
        runs += t.awake > 0;
    }
    return runs;
}

static const char *name_of(long call)
{
    switch (call) {
#ifdef SYS_recvfrom
    case SYS_recvfrom: return "recv";
    case SYS_sendto: return "send";
#endif
#ifdef SYS_accept
    case SYS_accept: return "accept";
#endif
#ifdef SYS_select
    case SYS_select: return "select";
#endif
#ifdef SYS__newselect
    case SYS__newselect: return "select";
#endif
#ifdef SYS_pselect6
    case SYS_pselect6: return "select";
#endif
#ifdef SYS_poll
    case SYS_poll: return "poll";
#endif
#ifdef SYS_ppoll
    case SYS_ppoll: return "poll";
#endif
#ifdef SYS_epoll_wait
    case SYS_epoll_wait: return "epoll_wait";
#endif
    case SYS_epoll_pwait: return "epoll_wait";
    }
    return NULL;
}

const char *look_call(const struct server *s, unsigned long *second)
{
    char path[64];
    FILE *file;
    long call = -1;
    const char *name = NULL;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)s->pid);
    if ((file = fopen(path, "r")) != NULL) {
        if (fscanf(file, "%ld 0x%*x 0x%lx", &call, second) == 2)
            name = name_of(call);
        fclose(file);
    }
    if (!name)
        check_skip("this system does not tell in which call a process sleeps (%s)", path);
    return name;
}

static unsigned port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t size = sizeof a;

    check(getsockname(fd, (struct sockaddr *)&a, &size) == 0, "getsockname: %s",
          strerror(errno));
    return ntohs(a.sin_port);
}

long look_unread(const struct server *s, int client)
{
    unsigned here = ntohs(((const struct sockaddr_in *)&s->address)->sin_port);
    unsigned there = port_of(client), local, remote, unread;
    FILE *file = fopen("/proc/net/tcp", "r");
    char line[400];
    long found = 0;

    check(file != NULL, "cannot read /proc/net/tcp: %s", strerror(errno));
    while (fgets(line, sizeof line, file))
        if (sscanf(line, " %*d: %*8x:%x %*8x:%x %*x %*8x:%x", &local, &remote, &unread) == 3
            && local == here && remote == there)
            found = (long)unread;
    fclose(file);
    return found;
}

int look_listed(const struct server *s)
{
    char path[400], line[200];
    DIR *fds;
    struct dirent *entry;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%d/fdinfo", (int)s->pid);
    fds = opendir(path);
    check(fds != NULL, "cannot read %s: %s", path, strerror(errno));
    while ((entry = readdir(fds)) != NULL) {
        FILE *info;

        snprintf(path, sizeof path, "/proc/%d/fdinfo/%s", (int)s->pid, entry->d_name);
        if (!isdigit((unsigned char)entry->d_name[0]) || (info = fopen(path, "r")) == NULL)
            continue;
        while (fgets(line, sizeof line, info))
            n += strncmp(line, "tfd:", 4) == 0;
        fclose(info);
    }
    closedir(fds);
    return n;
}
