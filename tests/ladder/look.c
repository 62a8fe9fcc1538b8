#define _GNU_SOURCE
#include "look.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/proc.h"
#include "../lib/witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The server and its children. */
static void find(struct tree *t, const struct server *s)
{
    tree_find(t, s->pid);
    check(t->count < TREE_MOST, "the server has %d processes or more", TREE_MOST);
    t->pids[t->count++] = s->pid;
}

int look_processes(const struct server *s)
{
    struct tree t;

    find(&t, s);
    return t.count;
}

/* What all threads are doing, summed. */
struct tasks {
    int total, awake;
    long switches;
};

static bool add_task(void *context, pid_t pid, int thread)
{
    struct tasks *t = context;
    char name[64], text[4096], state;
    const char *line;

    snprintf(name, sizeof name, "task/%d/status", thread);
    if (proc_read(pid, name, text, sizeof text) < 0)
        return false;    /* it has just ended */
    t->total++;
    if ((line = strstr(text, "\nState:")) && sscanf(line, " State: %c", &state) == 1)
        t->awake += state != 'S';
    if ((line = strstr(text, "\nvoluntary_ctxt_switches:")))
        t->switches += atol(strchr(line, ':') + 1);
    return false;
}

static struct tasks look_tasks(const struct server *s)
{
    struct tasks tasks = { 0 };
    struct tree t;

    find(&t, s);
    for (int i = 0; i < t.count; i++)
        proc_walk(t.pids[i], "task", add_task, &tasks);
    return tasks;
}

int look_threads(const struct server *s)
{
    return look_tasks(s).total;
}

/* Does every thread sleep, and has none run since the look before? */
static bool rests(const struct server *s)
{
    static long before;
    struct tasks t = look_tasks(s);
    bool same = t.switches == before;

    before = t.switches;
    return t.awake == 0 && same;
}

bool look_settled(const struct server *s, bool (*over)(void *), void *argument)
{
    double end = guard_end();

    for (int looks = 0; looks < 10 && guard_now() < end; looks = rests(s) ? looks + 1 : 0) {
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
        usleep(5000);
        runs += look_tasks(s).awake > 0;
    }
    return runs;
}

/* The C library may make the newer call for the older one, and a reader wrote the older. */
static const char *name_of(long call)
{
    static const char *const newer[][2] = {
        { "pselect", "select" }, { "ppoll", "poll" }, { "epoll_pwait", "epoll_wait" },
    };
    const char *name = witness_call(call);

    for (int i = 0; i < 3; i++)
        if (!strcmp(name, newer[i][0]))
            return newer[i][1];
    return name;
}

const char *look_call(const struct server *s, unsigned long *second)
{
    const struct tree own = { 1, { s->pid } };
    struct task tasks[TASKS_MOST];
    int count = witness_tasks(&own, tasks);

    if (count == 0 || !tasks[0].told || tasks[0].call < 0)
        check_skip("this system does not tell in which call a process sleeps (/proc/%d/syscall)",
                   (int)s->pid);
    *second = tasks[0].arguments[1];
    return name_of(tasks[0].call);
}

static int port_of(const struct sockaddr *address)
{
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

long look_unread(const struct server *s, int client)
{
    struct sockaddr_in there;
    socklen_t size = sizeof there;
    struct tcp_socket found;

    check(getsockname(client, (struct sockaddr *)&there, &size) == 0, "getsockname: %s",
          strerror(errno));
    return witness_socket_of(port_of((const struct sockaddr *)&s->address),
                             port_of((struct sockaddr *)&there), &found)
           ? (long)found.unread : 0;
}

int look_listed(const struct server *s)
{
    static struct interest found[INTEREST_MOST];
    const struct tree own = { 1, { s->pid } };
    bool told;
    int n = witness_interest(&own, found, &told);

    check(told, "cannot read /proc/%d/fdinfo", (int)s->pid);
    return n;
}
