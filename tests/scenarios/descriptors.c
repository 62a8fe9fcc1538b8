/* Descriptors: what happens when they run out, when their numbers grow large, and do
 * they leak into children? */
#define _GNU_SOURCE
#include "scenario.h"

#include "../lib/command.h"
#include "../lib/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

enum { WAITING = 5 };

/* Connects clients that ask a sum each and cannot be accepted. */
static void queue_clients(const struct server *s, int fds[])
{
    for (int i = 0; i < WAITING; i++) {
        fds[i] = client_open(s);
        client_say(fds[i], "9@10 + 1234@");
    }
    server_settle(s);
}

SCENARIO(want_of_descriptors, "descriptors/want", "calc", "",
    "When accept fails for want of descriptors, does nothing spin, are those inside "
    "served, and is everybody in the backlog served once descriptors are to be had? No "
    "edge will announce them again.")
{
    struct bystander b;
    rlim_t before;
    int inside, fds[WAITING];

    client_ask(inside = client_open(s));
    before = server_limit_descriptors(s, (rlim_t)server_next_descriptor(s));
    queue_clients(s, fds);
    server_expect_calm(s, 0.4);
    /* Not the first one: a thread that sleeps in accept(2) has its descriptor already. */
    for (int i = 1; i < WAITING; i++)
        check(client_look(fds[i]) == CLIENT_QUIET,
              "who cannot be accepted has to wait");
    client_ask(inside);
    server_limit_descriptors(s, before);
    for (int i = 0; i < WAITING; i++) {
        client_hear(fds[i], "6@1244 0@");
        close(fds[i]);
    }
    bystander_start(&b, s);
    bystander_expect_well(&b, 5);
    close(inside);
}

SCENARIO(one_by_one, "descriptors/one-by-one", "calc", "",
    "While descriptors stay short, does each client that leaves make room for the next "
    "that waits, until all were served?")
{
    int inside, fds[WAITING];

    client_ask(inside = client_open(s));
    server_limit_descriptors(s, (rlim_t)server_next_descriptor(s));
    queue_clients(s, fds);
    close(inside);
    for (int i = 0; i < WAITING; i++) {
        client_hear(fds[i], "6@1244 0@");
        close(fds[i]);
    }
}

SCENARIO(stopped_in_want, "descriptors/stopped-in-want", "calc", "",
    "Does the server end in order when it is told to while accepting is paused?")
{
    int inside, fds[WAITING];

    client_ask(inside = client_open(s));
    server_limit_descriptors(s, (rlim_t)server_next_descriptor(s));
    queue_clients(s, fds);
    server_signal(s, SIGSTOP);
    client_say(inside, "9@10 + 1234@");
    server_signal(s, SIGTERM);
    server_signal(s, SIGCONT);
    client_converse(inside, "", 0, CLIENT_IS_LEFT, "6@1244 0@", 9);
    close(inside);
    check(server_wait(s) == 0, "expected exit 0 after SIGTERM");
    for (int i = 0; i < WAITING; i++)
        close(fds[i]);
}

SCENARIO(fd_setsize, "descriptors/fd-setsize", "calc", NULL,
    "Is a descriptor of FD_SETSIZE or more either served properly or refused like a "
    "client too many, never put into a set it does not fit in? The server inherits so "
    "many open descriptors that its clients come to lie on both sides of FD_SETSIZE.")
{
    enum { CLIENTS = 40, OPEN = FD_SETSIZE - 24 };
    int fds[CLIENTS], opened[OPEN], count = 0, served = 0;

    if (command_descriptors() < 2 * FD_SETSIZE)
        check_skip("the hard RLIMIT_NOFILE is below %d; raise it with ulimit -Hn",
                   2 * FD_SETSIZE);
    do
        opened[count] = open("/dev/null", O_RDONLY); /* inherited on purpose */
    while (opened[count] >= 0 && opened[count++] < OPEN - 1);
    server_start(s, s->command, "");
    while (count > 0)
        close(opened[--count]);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_open(s);
        client_say(fds[i], "9@10 + 1234@");
        check(client_wait(fds[i], guard_end()) == CLIENT_HAS_BYTES,
              "client %d got neither a reply nor a refusal", i);

    }
    for (int i = 0; i < CLIENTS; i++) {
        char first = 0;

        recv(fds[i], &first, 1, MSG_PEEK);
        client_hear(fds[i], first == '6' ? "6@1244 0@" : "3@0 6@");
        if (first == '6') {
            client_ask(fds[i]);
            served++;
        } else {
            client_expect_gone(fds[i]);
        }
    }
    check(served >= 5, "only %d of %d clients were served below FD_SETSIZE", served,
          CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
}

static bool is_close_on_exec(void *context, pid_t pid, int fd)
{
    char name[40], text[300];
    unsigned flags = 0;

    (void)context;
    snprintf(name, sizeof name, "fdinfo/%d", fd);
    if (fd <= STDERR_FILENO || proc_read(pid, name, text, sizeof text) < 0)
        return false;
    check(sscanf(text, "pos: %*d flags: %o", &flags) == 1, "cannot parse %s", name);
    check(flags & O_CLOEXEC, "descriptor %d of the server is not close-on-exec", fd);
    return false;
}

SCENARIO(close_on_exec, "descriptors/close-on-exec", "calc", "",
    "Is every descriptor that the server opened close-on-exec?")
{
    int fd;

    client_ask(fd = client_open(s));
    check(proc_walk(s->owner, "fdinfo", is_close_on_exec, NULL) > STDERR_FILENO,
          "cannot read /proc/%d/fdinfo", (int)s->owner);
    close(fd);
}

SCENARIO(limit_raised, "descriptors/limit-raised", "any", NULL,
    "Does the server raise its soft RLIMIT_NOFILE to the hard one?")
{
    struct rlimit ours, low, its;

    getrlimit(RLIMIT_NOFILE, &ours);
    low = ours;
    low.rlim_cur = ours.rlim_max < 100 ? ours.rlim_max : 100;
    setrlimit(RLIMIT_NOFILE, &low);
    server_start(s, s->command, "");
    check(prlimit(s->owner, RLIMIT_NOFILE, NULL, &its) == 0, "prlimit: %s",
          strerror(errno));
    check(its.rlim_cur == its.rlim_max, "the soft RLIMIT_NOFILE is %lu, the hard %lu",
          (unsigned long)its.rlim_cur, (unsigned long)its.rlim_max);
}

scenario_list descriptors_scenarios = {
    &want_of_descriptors, &one_by_one, &stopped_in_want, &fd_setsize,
    &close_on_exec, &limit_raised, NULL
};
