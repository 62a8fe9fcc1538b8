/* The half of witness.h that looks at processes and threads. */
#define _GNU_SOURCE
#include "witness.h"

#include "guard.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Reads a small file of /proc; returns its length, 0 where there is none to read. */
static size_t read_file(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "re");
    size_t n;

    if (!file)
        return 0;
    n = fread(text, 1, room - 1, file);
    text[n] = '\0';
    fclose(file);
    return n;
}

static void tree_add(struct tree *t, pid_t pid)
{
    if (t->count < TREE_MOST)
        t->pids[t->count++] = pid;
}

/* Adds the children that one thread of `pid` has; false without CONFIG_PROC_CHILDREN. */
static bool add_children(struct tree *t, pid_t pid, const char *thread)
{
    char path[300], text[8192], *at = text, *end;
    FILE *file;
    size_t n;

    snprintf(path, sizeof path, "/proc/%d/task/%s/children", (int)pid, thread);
    if (!(file = fopen(path, "re")))
        return false;
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    for (long child; (child = strtol(at, &end, 10)) > 0; at = end)
        tree_add(t, (pid_t)child);
    return true;
}

static bool add_children_of_threads(struct tree *t, pid_t pid)
{
    struct dirent *entry;
    bool told = false;
    char path[64];
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    if (!(dir = opendir(path)))
        return true; /* it is gone, and so are its children */
    while ((entry = readdir(dir)))
        if (isdigit((unsigned char)entry->d_name[0]))
            told |= add_children(t, pid, entry->d_name);
    closedir(dir);
    return told || access(path, F_OK) != 0;
}

/* The slow way, for kernels without `children`: the parent of every process. */
static void add_children_by_scan(struct tree *t, pid_t parent)
{
    struct dirent *entry;
    DIR *dir = opendir("/proc");

    while (dir && (entry = readdir(dir))) {
        char path[300], text[1024], *name_end;
        int of = 0;

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        if (read_file(path, text, sizeof text) && (name_end = strrchr(text, ')'))
            && sscanf(name_end + 2, "%*c %d", &of) == 1 && of == parent)
            tree_add(t, (pid_t)atoi(entry->d_name));
    }
    if (dir)
        closedir(dir);
}

void tree_find(struct tree *t, pid_t root)
{
    pid_t of = root;

    t->count = 0;
    for (int next = 0;; of = t->pids[next++]) {
        if (!add_children_of_threads(t, of))
            add_children_by_scan(t, of);
        if (next == t->count)
            return;
    }
}

/* The state letter of /proc/PID/stat and what follows it, or NULL. The name before it
 * may hold anything, so the last parenthesis is looked for. */
static const char *read_stat(const char *path, char *text, size_t room)
{
    char *name_end;

    if (!read_file(path, text, room) || !(name_end = strrchr(text, ')')))
        return NULL;
    return name_end + 2;
}

double tree_cpu(const struct tree *t)
{
    unsigned long sum = 0;

    for (int i = 0; i < t->count; i++) {
        unsigned long user = 0, system = 0;
        char path[64], text[1024];
        const char *stat;

        snprintf(path, sizeof path, "/proc/%d/stat", (int)t->pids[i]);
        if ((stat = read_stat(path, text, sizeof text))
            && sscanf(stat, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                   &system) == 2)
            sum += user + system;
    }
    return (double)sum / (double)sysconf(_SC_CLK_TCK);
}

long tree_memory(const struct tree *t)
{
    long pages = 0;

    for (int i = 0; i < t->count; i++) {
        char path[64], text[200];
        long resident = 0;

        snprintf(path, sizeof path, "/proc/%d/statm", (int)t->pids[i]);
        if (read_file(path, text, sizeof text)
            && sscanf(text, "%*d %ld", &resident) == 1)
            pages += resident;
    }
    return pages * sysconf(_SC_PAGESIZE);
}

int tree_descriptors(const struct tree *t)
{
    int count = -1;

    for (int i = 0; i < t->count; i++) {
        struct dirent *entry;
        char path[64];
        DIR *dir;

        snprintf(path, sizeof path, "/proc/%d/fd", (int)t->pids[i]);
        if (!(dir = opendir(path)))
            continue;
        count = count < 0 ? 0 : count;
        while ((entry = readdir(dir)))
            count += entry->d_name[0] != '.';
        closedir(dir);
    }
    return count;
}

/* Fills in what /proc tells of one thread. */
static bool look_at_task(struct task *k, pid_t pid, const char *thread)
{
    char path[300], text[1024];
    const char *stat;

    memset(k, 0, sizeof *k);
    k->pid = pid;
    k->tid = (pid_t)atoi(thread);
    k->call = -1;
    snprintf(path, sizeof path, "/proc/%d/task/%s/stat", (int)pid, thread);
    if (!(stat = read_stat(path, text, sizeof text)))
        return false;
    k->state = *stat;
    snprintf(path, sizeof path, "/proc/%d/task/%s/syscall", (int)pid, thread);
    if (!read_file(path, text, sizeof text))
        return true;
    k->told = true;
    if (sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &k->call, &k->arguments[0],
               &k->arguments[1], &k->arguments[2], &k->arguments[3], &k->arguments[4],
               &k->arguments[5]) < 7)
        k->call = -1; /* "running" */
    return true;
}

int witness_tasks(const struct tree *t, struct task tasks[TASKS_MOST])
{
    int count = 0;

    for (int i = 0; i < t->count; i++) {
        struct dirent *entry;
        char path[64];
        DIR *dir;

        snprintf(path, sizeof path, "/proc/%d/task", (int)t->pids[i]);
        dir = opendir(path);
        while (dir && (entry = readdir(dir)) && count < TASKS_MOST)
            if (isdigit((unsigned char)entry->d_name[0]))
                count += look_at_task(&tasks[count], t->pids[i], entry->d_name);
        if (dir)
            closedir(dir);
    }
    return count;
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
#ifdef SYS_recvmsg
    { SYS_recvmsg, CALL_READ, "recvmsg" },
#endif
    { SYS_write, CALL_WRITE, "write" },
    { SYS_writev, CALL_WRITE, "writev" },
#ifdef SYS_sendto
    { SYS_sendto, CALL_WRITE, "send" },
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
