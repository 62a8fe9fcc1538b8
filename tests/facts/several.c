/* Several processes that wait for the same thing: who wakes?
 *
 * A connection comes to a listener while three wait.  Nobody accepts it before all who were
 * woken have said so; the descriptor stays ready. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAITERS = 3 };

/* Three wait by `call` for fds[0], fds[1], fds[2]; a client connects; how many wake? */
static int wake_by_client(int (*call)(int), const int fds[WAITERS], int listener)
{
    pid_t waiters[WAITERS];

    for (int i = 0; i < WAITERS; i++)
        waiters[i] = waiter(call, fds[i]);
    say(make_client(listener), "x");
    return woken(waiters, WAITERS);
}

static int wake_own_epolls(uint32_t events)
{
    int listener = make_listener(), epolls[WAITERS];

    for (int i = 0; i < WAITERS; i++) {
        epolls[i] = make_epoll();
        watch(epolls[i], listener, events);
    }
    return wake_by_client(wait_epoll, epolls, listener);
}

static int wake_shared_epoll(uint32_t events)
{
    int listener = make_listener(), epoll = make_epoll();

    watch(epoll, listener, events);
    return wake_by_client(wait_epoll, (int[WAITERS]){ epoll, epoll, epoll }, listener);
}

static void try_accept(void)
{
    int listener = make_listener(), n;
    pid_t waiters[WAITERS];

    for (int i = 0; i < WAITERS; i++)
        waiters[i] = waiter(wait_accept, listener);
    await(make_client(listener), POLLIN);   /* one has accepted it, and closed it as it ended */
    n = woken(waiters, WAITERS);
    here(n == 1, "3 processes sleep in accept, 1 client comes; woken: %d", n);
}

static const struct fact accept_one = {
    .name = "several/accept", .run = try_accept,
    .claim = "All processes that block in accept wake for one client.",
    .verdict = FACT_FALSE,
    .answer = "accept waits exclusively: the kernel wakes one for each connection. So a pool "
              "of processes, each blocking in accept, has no herd on Linux today.",
    .documented = "nowhere; seen here",
    .see = "[rung 2](ladder/02-fork.c), [several/poll](#severalpoll)",
};

static void try_poll(void)
{
    int a = make_listener(), b = make_listener(), by_poll, by_select;

    by_poll = wake_by_client(wait_poll, (int[WAITERS]){ a, a, a }, a);
    by_select = wake_by_client(wait_select, (int[WAITERS]){ b, b, b }, b);
    promised(by_poll == WAITERS && by_select == WAITERS,
             "3 processes wait for one listener, 1 client: by poll %d wake, by select %d",
             by_poll, by_select);
}

static const struct fact poll_all = {
    .name = "several/poll", .run = try_poll,
    .claim = "If three processes poll the same listener, one of them is woken.",
    .verdict = FACT_FALSE,
    .answer = "All are woken, since each asked whether the listener is readable, and it is: "
              "that is the thundering herd. One gets the client; the others' accept meets "
              "EAGAIN. A blocking listener is worse: the others sleep in accept, and with "
              "them all their clients.",
    .question = "What is the thundering herd?",
    .reply = "All who wait are woken for one client.",
    .documented = "POSIX, *poll*, *select*",
    .see = "[several/exclusive](#severalexclusive)",
    .met = "uwsgi, issue 115; gunicorn, issue 792; cyrus-imapd, issue 2950 (a lock around "
           "the wait).",
};

static void try_own(void)
{
    int n = wake_own_epolls(EPOLLIN);

    promised(n == WAITERS,
             "3 epolls watch one listener, one process waits at each; 1 client comes; "
             "woken: %d",
             n);
}

static const struct fact own = {
    .name = "several/own-epolls", .run = try_own,
    .claim = "If each process has an epoll of its own, one of them is woken.",
    .verdict = FACT_FALSE,
    .answer = "A listener can be on many lists, and each of them is told. Edge trigger "
              "changes nothing: each list has its own edge.",
    .documented = "epoll(7), *Questions and answers*; epoll_ctl(2), *EPOLLEXCLUSIVE*",
    .see = "[several/exclusive](#severalexclusive)",
};

static void try_shared_level(void)
{
    int n = wake_shared_epoll(EPOLLIN);

    here(n == WAITERS,
         "3 processes wait at one epoll, level trigger; 1 client comes, and nobody accepts; "
         "woken: %d",
         n);
}

static const struct fact shared_level = {
    .name = "several/shared-level", .run = try_shared_level,
    .claim = "One epoll for all, level trigger: one event wakes one of them.",
    .verdict = FACT_DEPENDS,
    .answer = "on how fast that one is. The kernel wakes one; as it returns, the descriptor "
              "is still ready and goes back on the list, so the next one is woken, and so "
              "on, until somebody has accepted.",
    .documented = "nowhere; seen here",
    .see = "[several/shared-edge](#severalshared-edge)",
};

static void try_shared_edge(void)
{
    int n = wake_shared_epoll(EPOLLIN | EPOLLET);

    promised(n == 1, "3 processes wait at one epoll, edge trigger; 1 client comes; woken: %d",
             n);
}

static const struct fact shared_edge = {
    .name = "several/shared-edge", .run = try_shared_edge,
    .claim = "One epoll for all, edge trigger: one event wakes one of them.",
    .verdict = FACT_TRUE,
    .answer = "An edge is told once, to one of those who wait at that epoll. Who is woken "
              "must accept until EAGAIN: nobody else will be told.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*",
    .see = "[edge/accept](#edgeaccept)",
};

static void try_exclusive(void)
{
    int n = wake_own_epolls(EPOLLIN | EPOLLEXCLUSIVE);

    promised(n >= 1, "3 epolls with EPOLLEXCLUSIVE, 1 client: %s",
             n >= 1 ? "at least one wakes" : "nobody wakes");
    here(n == 1, "woken: %d", n);
}

static const struct fact exclusive = {
    .name = "several/exclusive", .run = try_exclusive,
    .claim = "EPOLLEXCLUSIVE wakes exactly one.",
    .verdict = FACT_DEPENDS,
    .answer = "on the kernel: the man page promises \"one or more\"; here it is one. It "
              "chooses the one that waits, not the one with the least work: under load the "
              "same process may get most clients.",
    .question = "What does EPOLLEXCLUSIVE do?",
    .reply = "One client wakes one waiter, or a few, not all.",
    .documented = "epoll_ctl(2), *EPOLLEXCLUSIVE*",
    .see = "[several/reuseport](#severalreuseport)",
    .met = "puma, issue 3934, and PowerDNS/pdns, issue 10446: one process is favoured.",
};

static int control(int op, uint32_t events, int epoll, int fd)
{
    struct epoll_event e = { .events = events };

    return epoll_ctl(epoll, op, fd, &e) == 0 ? 0 : errno;
}

static void try_exclusive_rules(void)
{
    int epoll = make_epoll(), listener = make_listener(), with_oneshot, added, modified;

    with_oneshot = control(EPOLL_CTL_ADD, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, epoll,
                           listener);
    added = control(EPOLL_CTL_ADD, EPOLLIN | EPOLLEXCLUSIVE, epoll, listener);
    modified = control(EPOLL_CTL_MOD, EPOLLIN, epoll, listener);
    promised(with_oneshot == EINVAL && added == 0 && modified == EINVAL,
             "ADD with ONESHOT: %s; ADD without it: %s; a MOD after that: %s",
             with_oneshot == EINVAL ? "EINVAL" : "taken", added ? "refused" : "taken",
             modified == EINVAL ? "EINVAL" : "taken");
}

static const struct fact exclusive_rules = {
    .name = "several/exclusive-rules", .run = try_exclusive_rules,
    .claim = "EPOLLEXCLUSIVE can be combined with EPOLLONESHOT, and changed by MOD.",
    .verdict = FACT_FALSE,
    .answer = "EPOLLEXCLUSIVE can be given with ADD only, together with IN, OUT, ET and "
              "WAKEUP. A server that pauses its listener must delete and add it.",
    .documented = "epoll_ctl(2), *EINVAL*",
    .see = "[epoll/oneshot](#epolloneshot)",
    .met = "pjproject, pull request 2604: each MOD became a DEL and an ADD.",
};

static int listen_too(int first)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof name;
    int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));

    MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)));
    if (first >= 0)
        MUST(getsockname(first, (struct sockaddr *)&name, &len));
    else
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MUST(bind(fd, (struct sockaddr *)&name, sizeof name));
    MUST(listen(fd, 16));
    return fd;
}

static void try_reuseport(void)
{
    int listeners[WAITERS], n, found = 0;

    for (int i = 0; i < WAITERS; i++)
        listeners[i] = listen_too(i ? listeners[0] : -1);
    n = wake_by_client(wait_poll, listeners, listeners[0]);
    for (int i = 0; i < WAITERS; i++)
        found += accept(listeners[i], NULL, NULL) >= 0;
    promised(n == 1 && found == 1,
             "3 listeners on one port, one process polls each, 1 client: %d wakes; %d "
             "listener has the client",
             n, found);
}

static const struct fact reuseport = {
    .name = "several/reuseport", .run = try_reuseport,
    .claim = "With SO_REUSEPORT, one of the processes is woken.",
    .verdict = FACT_TRUE,
    .answer = "Each has a listener of its own, and the kernel gives each connection to one "
              "of them, by a hash of the addresses. But to that one only: if it is busy, the "
              "client waits although others are idle, and if it closes its listener, those "
              "in its backlog are reset.",
    .documented = "socket(7), *SO_REUSEPORT*",
    .see = "[several/exclusive](#severalexclusive)",
};

static void try_same_client(void)
{
    int epoll = make_epoll(), pair[2], first, second;
    pid_t waiters[2];

    make_pair(pair);
    watch(epoll, pair[0], EPOLLIN | EPOLLET);
    waiters[0] = waiter(wait_epoll, epoll);
    waiters[1] = waiter(wait_epoll, epoll);
    say(pair[1], "one ");
    first = woken(waiters, 2);
    say(pair[1], "request");
    second = woken(waiters, 2);
    promised(first == 1 && second == 2,
             "2 wait; half a request comes: %d is woken; the other half comes: %d are "
             "awake, for the same socket",
             first, second);
}

static const struct fact same_client = {
    .name = "several/same-client", .run = try_same_client,
    .claim = "With edge trigger, two threads never have the same client in hand.",
    .verdict = FACT_FALSE,
    .answer = "Each arrival is a new edge and wakes the next one who waits, while the first "
              "still works on the socket: both read, and the halves get mixed up. "
              "EPOLLONESHOT is the remedy.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*",
    .see = "[several/oneshot](#severaloneshot)",
};

static void try_oneshot(void)
{
    int epoll = make_epoll(), pair[2], first, second, third;
    struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
    pid_t waiters[2];

    make_pair(pair);
    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &e));
    waiters[0] = waiter(wait_epoll, epoll);
    waiters[1] = waiter(wait_epoll, epoll);
    say(pair[1], "one ");
    first = woken(waiters, 2);
    say(pair[1], "request");
    second = woken(waiters, 2);
    MUST(epoll_ctl(epoll, EPOLL_CTL_MOD, pair[0], &e));
    third = woken(waiters, 2);
    promised(first == 1 && second == 1 && third == 2,
             "2 wait; half a request comes: %d is woken; the other half: still %d; after "
             "EPOLL_CTL_MOD: %d", first, second, third);
}

static const struct fact oneshot = {
    .name = "several/oneshot", .run = try_oneshot,
    .claim = "With EPOLLONESHOT, one client is in one thread's hands.",
    .verdict = FACT_TRUE,
    .answer = "After the report the descriptor is disabled until MOD arms it again. What "
              "came meanwhile is reported then, so nothing is lost. The price is a system "
              "call for each report.",
    .documented = "epoll_ctl(2), *EPOLLONESHOT*; epoll(7)",
    .see = "[epoll/oneshot](#epolloneshot)",
};

static void try_add(void)
{
    int epoll = make_epoll(), p[2], n;
    pid_t one;

    make_pipe(p);
    put(p[1]);
    one = waiter(wait_epoll, epoll);
    watch(epoll, p[0], EPOLLIN);        /* from here, while it sleeps there */
    n = woken(&one, 1);
    promised(n == 1,
             "one sleeps in epoll_wait, another one adds a ready descriptor: %d wakes", n);
}

static const struct fact add = {
    .name = "several/add", .run = try_add,
    .claim = "epoll_ctl takes effect only with the next epoll_wait.",
    .verdict = FACT_FALSE,
    .answer = "The list is in the kernel, and a wait that is going on sees the change. The "
              "array of poll and the sets of select are copied when the call begins: they "
              "cannot change during it.",
    .documented = "epoll_wait(2), *NOTES*",
    .see = "[closing/other-thread](#closingother-thread)",
};

static const struct fact *const facts[] = {
    &accept_one, &poll_all, &own, &shared_level, &shared_edge, &exclusive, &exclusive_rules,
    &reuseport, &same_client, &oneshot, &add, NULL,
};

const struct theme theme_several = { "several", "several waiters", facts };
