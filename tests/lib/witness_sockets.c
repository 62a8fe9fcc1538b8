/* The half of witness.h that looks at sockets and at what they are waited for with. */
#define _GNU_SOURCE
#include "proc.h"
#include "sock_diag.h"
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "0100007F" or four such words: each is a word of the address in the machine's order. */
static void parse_address(const char *hex, size_t len, unsigned char address[16])
{
    memset(address, 0, 16);
    for (size_t i = 0; i + 8 <= len && i < 32; i += 8) {
        char word[9] = "";
        unsigned value;

        memcpy(word, hex + i, 8);
        value = (unsigned)strtoul(word, NULL, 16);
        memcpy(address + i / 2, &value, sizeof value);
    }
}

static bool parse_line(const char *line, struct tcp_socket *s)
{
    unsigned port, peer, state;
    char local[33];

    memset(s, 0, sizeof *s);
    if (sscanf(line, " %*d: %32[0-9A-F]:%x %*32[0-9A-F]:%x %x %lx:%lx %*x:%*x %*x %*u %*d %lu",
               local, &port, &peer, &state, &s->unsent, &s->unread, &s->inode) != 7)
        return false;
    s->family = strlen(local) > 8 ? AF_INET6 : AF_INET;
    s->state = (int)state;
    s->port = (int)port;
    s->peer = (int)peer;
    parse_address(local, strlen(local), s->address);
    return true;
}

static int read_table(const char *path, int port, struct tcp_socket *sockets, int room)
{
    static char buffer[65536]; /* there may be thousands; a read each 1 KB is slow */
    FILE *file = fopen(path, "re");
    struct tcp_socket s;
    char line[400];
    int count = 0;

    if (file)
        setvbuf(file, buffer, _IOFBF, sizeof buffer);
    while (file && count < room && fgets(line, sizeof line, file)) {
        if (!parse_line(line, &s))
            continue;
        if (port == 0 && s.state != TCP_IS_LISTENING)
            break; /* listeners come first; behind them may be thousands in TIME_WAIT */
        if (port == 0 || s.port == port)
            sockets[count++] = s;
    }
    if (file)
        fclose(file);
    return count;
}

/* The table, where nothing else tells, or the tests want it: WITNESS=table. */
static bool only_table(void)
{
    const char *wanted = getenv("WITNESS");

    return wanted && !strcmp(wanted, "table");
}

static int list(int family, int port, struct tcp_socket *sockets, int room)
{
    int count = only_table() ? -1 : sock_diag_list(family, port, sockets, room);

    if (count >= 0)
        return count;
    return read_table(family == AF_INET ? "/proc/self/net/tcp" : "/proc/self/net/tcp6", port,
                      sockets, room);
}

int witness_sockets(int port, struct tcp_socket sockets[SOCKETS_MOST])
{
    int count = list(AF_INET, port, sockets, SOCKETS_MOST);

    return count + list(AF_INET6, port, sockets + count, SOCKETS_MOST - count);
}

bool witness_socket_of(int port, int peer, struct tcp_socket *found)
{
    static struct tcp_socket sockets[SOCKETS_MOST];

    if (!only_table() && sock_diag_find(port, peer, found))
        return true;
    /* The list comes in pieces, and while others come and go a line may be missed. */
    for (int tries = 0; tries < 3; tries++) {
        int count = witness_sockets(port, sockets);

        for (int i = 0; i < count; i++)
            if (sockets[i].peer == peer) {
                *found = sockets[i];
                return true;
            }
    }
    return false;
}

struct owner {
    char link[64];
    pid_t pid;
    int fd;
};

/* Does the descriptor lead there? */
static bool leads_to(pid_t pid, int fd, const char *wanted)
{
    char path[64], link[100];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = '\0';
    return !strcmp(link, wanted);
}

static bool is_owner(void *context, pid_t pid, int fd)
{
    struct owner *o = context;

    if (!leads_to(pid, fd, o->link))
        return false;
    o->pid = pid;
    o->fd = fd;
    return true;
}

bool witness_owner(const struct tree *t, unsigned long inode, pid_t *pid, int *fd,
                   bool *blind)
{
    struct owner o = { .pid = 0 };

    *blind = false;
    snprintf(o.link, sizeof o.link, "socket:[%lu]", inode);
    /* From the last: where a process a client inherits the listener, the connection is
     * the child's. */
    for (int i = t->count; inode != 0 && o.pid == 0 && i-- > 0;)
        if (proc_walk(t->pids[i], "fd", is_owner, &o) < 0 && errno != ENOENT)
            *blind = true;
    if (o.pid == 0)
        return false;
    *pid = o.pid;
    *fd = o.fd;
    return true;
}

pid_t witness_listener(int port, pid_t root)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    static struct tree below;
    struct tree own = { .count = 1, .pids = { root } };
    int count = witness_sockets(port, sockets), fd;
    bool listens = false, blind = false, blind_below = false;
    pid_t pid;

    tree_find(&below, root);
    for (int i = 0; i < count; i++) {
        if (sockets[i].state != TCP_IS_LISTENING)
            continue;
        listens = true;
        if (witness_owner(&own, sockets[i].inode, &pid, &fd, &blind)
            || witness_owner(&below, sockets[i].inode, &pid, &fd, &blind_below))
            return pid;
    }
    return listens && !blind && !blind_below ? 0 : root;
}

struct collection {
    struct interest *found;
    int count;
    bool told;
};

static void collect(struct collection *c, pid_t pid, int fd, unsigned events,
                    const char *by)
{
    if (c->count < INTEREST_MOST)
        c->found[c->count++] =
            (struct interest){ .pid = pid, .fd = fd, .events = events, .by = by };
}

/* The interest list of an epoll: lines "tfd: 5 events: 80000019 data: ...". */
static bool collect_epoll(void *context, pid_t pid, int fd)
{
    struct collection *c = context;
    char path[64], line[300];
    FILE *file;

    if (!leads_to(pid, fd, "anon_inode:[eventpoll]"))
        return false;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd);
    if (!(file = fopen(path, "re")))
        return false;
    c->told = true;
    while (fgets(line, sizeof line, file)) {
        unsigned events;
        int of;

        if (sscanf(line, "tfd: %d events: %x", &of, &events) == 2)
            collect(c, pid, of, events, "epoll");
    }
    fclose(file);
    return false; /* go on to the next descriptor */
}

static void collect_poll(struct collection *c, const struct task *k)
{
    struct pollfd polls[INTEREST_MOST];
    size_t count = k->arguments[1] < INTEREST_MOST ? k->arguments[1] : INTEREST_MOST;

    if (!proc_memory(k->pid, k->arguments[0], polls, count * sizeof *polls))
        return;
    c->told = true;
    for (size_t i = 0; i < count; i++)
        if (polls[i].fd >= 0)
            collect(c, k->pid, polls[i].fd, (unsigned short)polls[i].events, "poll");
}

/* Only the descriptors below FD_SETSIZE: more were no fd_set. */
static void collect_select(struct collection *c, const struct task *k)
{
    int nfds = k->arguments[0] < 1024 ? (int)k->arguments[0] : 1024;
    unsigned char in[128] = { 0 }, out[128] = { 0 };
    size_t len = ((size_t)nfds + 7) / 8;
    bool told_in = proc_memory(k->pid, k->arguments[1], in, len);
    bool told_out = proc_memory(k->pid, k->arguments[2], out, len);

    if (!told_in && !told_out)
        return;
    c->told = true;
    for (int fd = 0; fd < nfds; fd++) {
        unsigned events = in[fd / 8] >> fd % 8 & 1 ? EPOLLIN : 0;

        events |= out[fd / 8] >> fd % 8 & 1 ? (unsigned)EPOLLOUT : 0u;
        if (events)
            collect(c, k->pid, fd, events, "select");
    }
}

int witness_interest(const struct tree *t, struct interest found[INTEREST_MOST],
                     bool *told)
{
    struct collection c = { .found = found };
    struct task tasks[TASKS_MOST];
    int count = witness_tasks(t, tasks);

    for (int i = 0; i < t->count; i++)
        proc_walk(t->pids[i], "fd", collect_epoll, &c);
    for (int i = 0; i < count; i++) {
        const char *name = witness_call(tasks[i].call);

        if (!strcmp(name, "poll") || !strcmp(name, "ppoll"))
            collect_poll(&c, &tasks[i]);
        else if (!strcmp(name, "select") || !strcmp(name, "pselect"))
            collect_select(&c, &tasks[i]);
    }
    *told = c.told;
    return c.count;
}

const char *witness_events(unsigned events, char text[64])
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = { { EPOLLIN, "IN" },       { EPOLLPRI, "PRI" },
                  { EPOLLOUT, "OUT" },     { EPOLLRDHUP, "RDHUP" },
                  { EPOLLET, "ET" },       { EPOLLONESHOT, "ONESHOT" } };

    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (events & names[i].bit) {
            strcat(text, *text ? "|" : "");
            strcat(text, names[i].name);
        }
    if (!*text)
        strcpy(text, "nothing");
    return text;
}
