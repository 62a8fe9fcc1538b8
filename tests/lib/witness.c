/* The half of witness.h that looks at processes and threads. */
#define _GNU_SOURCE
#include "witness.h"

#include "guard.h"
#include "proc.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tree_add(struct tree *t, pid_t pid)
{
    if (t->count < TREE_MOST)
        t->pids[t->count++] = pid;
}

struct family {
    struct tree *tree;
    bool told;
};

/* Adds the children that one thread has; not told without CONFIG_PROC_CHILDREN. */
static bool add_children(void *context, pid_t pid, int thread)
{
    struct family *f = context;
    char name[64], text[8192], *at = text, *end;

    snprintf(name, sizeof name, "task/%d/children", thread);
    if (proc_read(pid, name, text, sizeof text) < 0)
        return false;
    f->told = true;
    for (long child; (child = strtol(at, &end, 10)) > 0; at = end)
        tree_add(f->tree, (pid_t)child);
    return false;
}

/* The slow way, for kernels without `children`: the parent of every process. */
static void add_children_by_scan(struct tree *t, pid_t parent)
{
    struct dirent *entry;
    DIR *dir = opendir("/proc");

    while (dir && (entry = readdir(dir))) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        char text[1024];
        const char *stat;
        int of = 0;

        if (pid > 0 && (stat = proc_stat(pid, 0, text, sizeof text))
            && sscanf(stat, "%*c %d", &of) == 1 && of == parent)
            tree_add(t, pid);
    }
    if (dir)
        closedir(dir);
}

static void add_family(struct tree *t, pid_t parent)
{
    struct family f = { .tree = t };

    /* Where it is gone, so are its children. */
    if (proc_walk(parent, "task", add_children, &f) > 0 && !f.told)
        add_children_by_scan(t, parent);
}

void tree_find(struct tree *t, pid_t root)
{
    pid_t of = root;

    t->count = 0;
    for (int next = 0;; of = t->pids[next++]) {
        add_family(t, of);
        if (next == t->count)
            return;
    }
}

double tree_cpu(const struct tree *t)
{
    unsigned long sum = 0;

    for (int i = 0; i < t->count; i++) {
        unsigned long user = 0, system = 0;
        char text[1024];
        const char *stat = proc_stat(t->pids[i], 0, text, sizeof text);

        if (stat && sscanf(stat, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                           &system) == 2)
            sum += user + system;
    }
    return (double)sum / (double)sysconf(_SC_CLK_TCK);
}

double witness_in_line(pid_t pid)
{
    char text[100];
    double waited = 0;

    if (proc_read(pid, "schedstat", text, sizeof text) > 0)
        sscanf(text, "%*f %lf", &waited);
    return waited / 1e9;
}

long tree_memory(const struct tree *t)
{
    long pages = 0, resident;
    char text[200];

    for (int i = 0; i < t->count; i++)
        if (proc_read(t->pids[i], "statm", text, sizeof text) > 0
            && sscanf(text, "%*d %ld", &resident) == 1)
            pages += resident;
    return pages * sysconf(_SC_PAGESIZE);
}

int tree_descriptors(const struct tree *t)
{
    int sum = -1;

    for (int i = 0; i < t->count; i++) {
        int count = proc_walk(t->pids[i], "fd", NULL, NULL);

        if (count >= 0)
            sum = (sum < 0 ? 0 : sum) + count;
    }
    return sum;
}

struct tasks {
    struct task *tasks;
    int count;
};

/* On i386, libc makes the calls of sockets by one number; the real one and its arguments lie
 * in memory. */
static void see_through(struct task *k)
{
#ifdef SYS_socketcall
    static const long calls[] = { [5] = SYS_accept4, [9] = SYS_sendto, [10] = SYS_recvfrom,
                                  [11] = SYS_sendto, [12] = SYS_recvfrom, [16] = SYS_sendmsg,
                                  [17] = SYS_recvmsg, [18] = SYS_accept4 };
    unsigned long which = k->arguments[0];

    if (k->call != SYS_socketcall || which >= sizeof calls / sizeof *calls || !calls[which]
        || !proc_memory(k->pid, k->arguments[1], k->arguments, 3 * sizeof *k->arguments))
        return;
    k->call = calls[which];
#else
    (void)k;
#endif
}

/* Notes what /proc tells of one thread. */
static bool look_at_task(void *context, pid_t pid, int thread)
{
    struct tasks *all = context;
    struct task *k = &all->tasks[all->count];
    char name[64], text[1024];
    const char *stat = proc_stat(pid, thread, text, sizeof text);

    if (!stat)
        return false;
    *k = (struct task){ .pid = pid, .tid = thread, .state = *stat, .call = -1 };
    snprintf(name, sizeof name, "task/%d/syscall", thread);
    k->told = proc_read(pid, name, text, sizeof text) > 0;
    if (k->told
        && sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &k->call, &k->arguments[0],
                  &k->arguments[1], &k->arguments[2], &k->arguments[3], &k->arguments[4],
                  &k->arguments[5]) < 7)
        k->call = -1; /* "running" */
    see_through(k);
    return ++all->count == TASKS_MOST;
}

int witness_tasks(const struct tree *t, struct task tasks[TASKS_MOST])
{
    struct tasks all = { .tasks = tasks };

    for (int i = 0; i < t->count && all.count < TASKS_MOST; i++)
        proc_walk(t->pids[i], "task", look_at_task, &all);
    return all.count;
}

/* True where each thread of the tree is in one of these states. */
static bool all_in(const struct tree *t, const char *states)
{
    struct task tasks[TASKS_MOST];
    int count = witness_tasks(t, tasks);

    for (int i = 0; i < count; i++)
        if (!strchr(states, tasks[i].state))
            return false;
    return true;
}

bool tree_sleeps(const struct tree *t)
{
    return all_in(t, "SDTtZXI");
}

bool tree_waits(const struct tree *t)
{
    struct task tasks[TASKS_MOST];
    int count = witness_tasks(t, tasks);

    for (int i = 0; i < count; i++) {
        char name[40], where[80];

        snprintf(name, sizeof name, "task/%d/wchan", (int)tasks[i].tid);
        if (proc_read(tasks[i].pid, name, where, sizeof where) < 0
            || (!strstr(where, "poll") && !strstr(where, "select")))
            return false;
    }
    return count > 0;
}

bool tree_signal(const struct tree *t, int sig)
{
    double end = guard_now() + 1;

    for (int i = 0; i < t->count; i++)
        kill(t->pids[i], sig);
    if (sig != SIGSTOP)
        return true;
    while (!all_in(t, "TtZX")) {
        if (guard_now() > end)
            return false;
        guard_sleep_until(guard_now() + 0.0002);
    }
    return true;
}

/* Not every architecture has the old calls. */
static const struct call_name {
    long call;
    enum call_kind kind;
    const char *name;
} call_names[] = {
#ifdef SYS_select
    { SYS_select, CALL_WAIT, "select" },
#endif
#ifdef SYS_pselect6
    { SYS_pselect6, CALL_WAIT, "pselect" },
#endif
#ifdef SYS_poll
    { SYS_poll, CALL_WAIT, "poll" },
#endif
#ifdef SYS_ppoll
    { SYS_ppoll, CALL_WAIT, "ppoll" },
#endif
#ifdef SYS_epoll_wait
    { SYS_epoll_wait, CALL_WAIT, "epoll_wait" },
#endif
#ifdef SYS_epoll_pwait
    { SYS_epoll_pwait, CALL_WAIT, "epoll_pwait" },
#endif
#ifdef SYS_epoll_pwait2
    { SYS_epoll_pwait2, CALL_WAIT, "epoll_pwait2" },
#endif
#ifdef SYS_io_uring_enter
    { SYS_io_uring_enter, CALL_WAIT, "io_uring_enter" },
#endif
    { SYS_read, CALL_READ, "read" },
    { SYS_readv, CALL_READ, "readv" },
#ifdef SYS_recvfrom
    { SYS_recvfrom, CALL_READ, "recv" },
#endif
#ifdef SYS_recv
    { SYS_recv, CALL_READ, "recv" },
#endif
#ifdef SYS_recvmsg
    { SYS_recvmsg, CALL_READ, "recvmsg" },
#endif
    { SYS_write, CALL_WRITE, "write" },
    { SYS_writev, CALL_WRITE, "writev" },
#ifdef SYS_sendto
    { SYS_sendto, CALL_WRITE, "send" },
#endif
#ifdef SYS_send
    { SYS_send, CALL_WRITE, "send" },
#endif
#ifdef SYS_sendmsg
    { SYS_sendmsg, CALL_WRITE, "sendmsg" },
#endif
#ifdef SYS_sendfile
    { SYS_sendfile, CALL_WRITE, "sendfile" },
#endif
#ifdef SYS_accept
    { SYS_accept, CALL_ACCEPT, "accept" },
#endif
#ifdef SYS_accept4
    { SYS_accept4, CALL_ACCEPT, "accept" },
#endif
    { SYS_nanosleep, CALL_SLEEP, "nanosleep" },
#ifdef SYS_clock_nanosleep_time64
    { SYS_clock_nanosleep_time64, CALL_SLEEP, "nanosleep" },
#endif
#ifdef SYS_clock_nanosleep
    { SYS_clock_nanosleep, CALL_SLEEP, "nanosleep" },
#endif
#ifdef SYS_futex
    { SYS_futex, CALL_OTHER, "futex (a lock)" },
#endif
#ifdef SYS_wait4
    { SYS_wait4, CALL_OTHER, "wait4 (for a child)" },
#endif
};

static const struct call_name *find_call(long call)
{
    for (size_t i = 0; i < sizeof call_names / sizeof *call_names; i++)
        if (call_names[i].call == call)
            return &call_names[i];
    return NULL;
}

const char *witness_call(long call)
{
    const struct call_name *n = find_call(call);

    return n ? n->name : "a system call";
}

enum call_kind witness_kind(long call)
{
    const struct call_name *n = find_call(call);

    return n ? n->kind : call < 0 ? CALL_NONE : CALL_OTHER;
}
