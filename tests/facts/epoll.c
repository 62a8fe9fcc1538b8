/* epoll(7): the kernel keeps the list. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void try_size(void)
{
    struct epoll_event events[8];
    int epoll = MUST(epoll_create(1)), n, zero;

    for (int i = 0; i < 3; i++)
        watch(epoll, MUST(eventfd(1, EFD_CLOEXEC)), EPOLLIN);
    n = epoll_wait(epoll, events, 8, 0);
    zero = epoll_create(0);
    promised(n == 3, "epoll_create(1), then 3 descriptors: %d are reported", n);
    here((zero == -1) == GLIBC, "epoll_create(0) %s",
         zero >= 0 ? "succeeds" : errno == EINVAL ? "fails with EINVAL" : strerror(errno));
}

static const struct fact size = {
    .name = "epoll/size", .run = try_size,
    .claim = "The argument of epoll_create is the size of the set.",
    .verdict = FACT_FALSE,
    .answer = "The argument has had no meaning since Linux 2.6.8; it must only be greater "
              "than 0 (musl does not even hand it to the kernel). Use "
              "epoll_create1(EPOLL_CLOEXEC), which does not ask for it.",
    .documented = "epoll_create(2)",
    .see = "[rung 10](ladder/10-epoll.c), "
           "[epoll_lt_server](../epoll_lt_server/README.md#what-the-program-tells-the-kernel)",
    .taught = "<https://blog.youkuaiyun.com/m0_38069262/article/details/98537268> calls it "
              "the largest number of sockets.",
};

static void try_maxevents(void)
{
    struct epoll_event e;
    int epoll = make_epoll();
    bool seen[3] = { false };

    for (uint32_t i = 0; i < 3; i++) {
        e = (struct epoll_event){ .events = EPOLLIN, .data.u32 = i };
        MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, MUST(eventfd(1, EFD_CLOEXEC)), &e));
    }
    for (int i = 0; i < 3; i++)
        if (epoll_wait(epoll, &e, 1, 0) == 1)
            seen[e.data.u32] = true;
    promised(
        seen[0] && seen[1] && seen[2],
        "3 descriptors stay ready, 3 waits with maxevents 1: %d different ones are reported",
        seen[0] + seen[1] + seen[2]);
}

static const struct fact maxevents = {
    .name = "epoll/maxevents", .run = try_maxevents,
    .claim = "With a small maxevents, busy descriptors starve the others.",
    .verdict = FACT_FALSE,
    .answer = "A level-triggered descriptor that has been reported goes to the end of the "
              "ready list, so all of them have their turn. maxevents bounds one report; it "
              "does not bound the set.",
    .question = "How large should maxevents be?",
    .reply = "Any size is right: those that are ready take turns.",
    .documented = "epoll_wait(2)",
    .see = "[epoll_lt_server](../epoll_lt_server/README.md#its-limit)",
};

static void try_mmap(void)
{
    int epoll = make_epoll();
    void *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, epoll, 0);

    here(shared == MAP_FAILED && errno == ENODEV, "mmap of an epoll descriptor: %s",
         shared != MAP_FAILED ? "a mapping" : errno == ENODEV ? "ENODEV" : strerror(errno));
}

static const struct fact map = {
    .name = "epoll/mmap", .run = try_mmap,
    .claim = "epoll shares its ready list with the program by mmap, so nothing is copied.",
    .verdict = FACT_FALSE,
    .answer = "An epoll descriptor cannot be mapped, and epoll_wait copies each event into "
              "the array that it is given. Little is copied, because only what is ready is "
              "reported.",
    .question = "Does epoll use shared memory (mmap)?",
    .reply = "No. epoll_wait copies the events.",
    .documented = "epoll_wait(2): the caller's array is filled; mmap(2), *ENODEV*",
    .see = "[ledger, kernel_bytes](ledger.md)",
    .taught = "<https://blog.csdn.net/qq_34938530/article/details/79855327> and "
              "<http://t.zoukankan.com/charlesblc-p-6260524.html> say that kernel and "
              "program share memory. (The second one speaks of Linux 2.5.)",
};

static void try_watches(void)
{
    FILE *file = fopen("/proc/sys/fs/epoll/max_user_watches", "r");
    long watches = 0;

    MUST(file && fscanf(file, "%ld", &watches) == 1 ? 0 : -1);
    promised(watches > 0,
             "there is a limit, /proc/sys/fs/epoll/max_user_watches, for each user");
    here(watches > 65535, "it is %ld", watches);
}

static const struct fact watches = {
    .name = "epoll/watches", .run = try_watches,
    .claim = "epoll stops at 65,535 descriptors.",
    .verdict = FACT_FALSE,
    .answer = "The number of descriptors is bounded by RLIMIT_NOFILE, and the number of "
              "registrations of one user by max_user_watches, which the kernel derives from "
              "the memory. 65,535 is the largest port number: one client address has that "
              "many ports, a server needs one.",
    .question = "How many descriptors can epoll watch?",
    .reply = "RLIMIT_NOFILE and the memory bound it, not 65,535.",
    .documented = "epoll(7), */proc interfaces*",
    .see = "[measurements](measurements.md)",
};

static void try_file(void)
{
    int file = MUST(open("/proc/self/exe", O_RDONLY));      /* this program's own file */
    struct epoll_event e = { .events = EPOLLIN };
    int n = epoll_ctl(make_epoll(), EPOLL_CTL_ADD, file, &e);

    promised(n == -1 && errno == EPERM, "EPOLL_CTL_ADD of a regular file fails with %s",
             errno == EPERM ? "EPERM" : strerror(errno));
}

static const struct fact regular_file = {
    .name = "epoll/file", .run = try_file,
    .claim = "epoll can wait for a regular file.",
    .verdict = FACT_FALSE,
    .answer = "epoll takes only files that can be waited for. A program that reads its input "
              "from stdin meets this when stdin comes from a file.",
    .documented = "epoll_ctl(2), *EPERM*",
    .see = "[poll/file](#pollfile)",
};

static void try_close(void)
{
    int epoll = make_epoll(), p[2], copy, delete;
    uint32_t after_close, after_both;

    make_pipe(p);
    copy = MUST(dup(p[0]));
    watch(epoll, p[0], EPOLLIN);
    put(p[1]);
    MUST(close(p[0]));
    after_close = told(epoll, 0);
    delete = epoll_ctl(epoll, EPOLL_CTL_DEL, p[0], NULL);
    promised(
        after_close == EPOLLIN && delete == -1 && errno == EBADF,
        "closed, but a dup is open: still reported (%s), and EPOLL_CTL_DEL fails with %s",
        bits(after_close), errno == EBADF ? "EBADF" : strerror(errno));
    MUST(close(copy));
    after_both = told(epoll, 0);
    promised(after_both == 0, "the dup is closed, too: %s is reported", bits(after_both));
}

static const struct fact close_dup = {
    .name = "epoll/close", .run = try_close,
    .claim = "close takes a descriptor off epoll's list.",
    .verdict = FACT_DEPENDS,
    .answer = "on whether another descriptor refers to the same open file (dup, fork, "
              "SCM_RIGHTS). epoll watches the open file. While a copy exists it is reported, "
              "and the closed number cannot be deleted any more. With copies about: "
              "EPOLL_CTL_DEL first, then close.",
    .question = "Does close remove a descriptor from epoll? With dup?",
    .reply = "Only when no copy of it is open.",
    .documented = "epoll(7), *Questions and answers*",
    .see = "[epoll_lt_server](../epoll_lt_server/README.md#what-the-program-tells-the-kernel)",
    .met = "libuv, issue 1099: a shared socket that was closed led to 100 % of a processor; "
           "h2o, pull request 1100; manticoresearch, pull request 4057 (fork).",
};

static void try_fork(void)
{
    int epoll = make_epoll(), p[2], hold[2];
    uint32_t events;

    make_pipe(p);
    MUST(pipe(hold));
    watch(epoll, p[0], EPOLLIN);
    fflush(stdout);
    if (MUST(fork()) == 0) {        /* a child that has inherited all descriptors */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(hold[1]);
        _exit((int)read(hold[0], &(char){ 0 }, 1));
    }
    put(p[1]);
    MUST(close(p[0]));
    events = told(epoll, 0);
    promised(events == EPOLLIN, "closed here, open in the child: %s is reported",
             bits(events));
    MUST(close(hold[1]));           /* the child ends, and with it its copy */
    for (int i = 0; i < PATIENCE && (events = told(epoll, 0)) != 0; i++)
        poll(NULL, 0, 1);
    promised(events == 0, "the child has ended: %s is reported", bits(events));
}

static const struct fact close_fork = {
    .name = "epoll/fork", .run = try_fork,
    .claim = "After fork, the child's copies do not concern the parent's epoll.",
    .verdict = FACT_FALSE,
    .answer = "The child's descriptors refer to the same open files, so a close in the "
              "parent does not end the registration. Nor does it end the connection: no FIN "
              "is sent. SOCK_CLOEXEC helps when the child calls exec.",
    .documented = "epoll(7), *Questions and answers*; fork(2)",
    .see = "[closing/dup](#closingdup)",
};

static void try_oneshot(void)
{
    int epoll = make_epoll(), p[2], again;
    struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
    uint32_t first, second, rearmed;

    make_pipe(p);
    put(p[1]);
    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, p[0], &e));
    first = told(epoll, 0);
    second = told(epoll, 0);
    again = epoll_ctl(epoll, EPOLL_CTL_ADD, p[0], &e);
    promised(first == EPOLLIN && second == 0 && again == -1 && errno == EEXIST,
             "first wait: %s; second: %s; EPOLL_CTL_ADD: %s", bits(first), bits(second),
             errno == EEXIST ? "EEXIST" : strerror(errno));
    MUST(epoll_ctl(epoll, EPOLL_CTL_MOD, p[0], &e));
    rearmed = told(epoll, 0);
    promised(rearmed == EPOLLIN, "after EPOLL_CTL_MOD: %s", bits(rearmed));
}

static const struct fact oneshot = {
    .name = "epoll/oneshot", .run = try_oneshot,
    .claim = "EPOLLONESHOT removes the descriptor after one event.",
    .verdict = FACT_FALSE,
    .answer = "EPOLLONESHOT disables it: the descriptor stays registered and is silent, even "
              "for ERR and HUP. EPOLL_CTL_MOD arms it again; EPOLL_CTL_ADD fails. Who "
              "forgets the MOD has a client that is served once and then hangs.",
    .question = "What does EPOLLONESHOT do?",
    .reply = "It silences the descriptor after one report, until EPOLL_CTL_MOD.",
    .documented = "epoll_ctl(2), *EPOLLONESHOT*",
    .see = "[exhibit](museum/oneshot.md), "
           "[several/oneshot](#severaloneshot)",
    .taught = "<https://wrocloverb.rubygraph.dev/nodes/epolloneshot-removes-ready-sockets-automatically> "
              "says that the socket is removed from the set.",
};

static void try_nested(void)
{
    int epoll = make_epoll(), p[2];
    struct pollfd entry = { .fd = epoll, .events = POLLIN };
    int before, after;

    make_pipe(p);
    watch(epoll, p[0], EPOLLIN);
    before = poll(&entry, 1, 0);
    put(p[1]);
    after = poll(&entry, 1, 0);
    promised(before == 0 && after == 1 && entry.revents == POLLIN,
             "poll of an epoll descriptor: %d while nothing is ready; then %d, with %s",
             before, after, bits((uint32_t)entry.revents));
}

static const struct fact nested = {
    .name = "epoll/nested", .run = try_nested,
    .claim = "An epoll descriptor can itself be watched by poll, select or epoll.",
    .verdict = FACT_TRUE,
    .answer = "An epoll descriptor is readable when an event is waiting in it. So one loop "
              "can contain another one, of a library for instance.",
    .documented = "epoll(7), *Questions and answers*",
    .see = "[comparison](comparison.md#which-one-should-i-use)",
};

static void try_unasked(void)
{
    int epoll = make_epoll(), p[2];
    uint32_t events;

    make_pipe(p);
    watch(epoll, p[0], 0);
    MUST(close(p[1]));
    events = told(epoll, 0);
    promised(events == EPOLLHUP, "registered for nothing, the writer has closed: %s",
             bits(events));
}

static const struct fact unasked = {
    .name = "epoll/unasked", .run = try_unasked,
    .claim = "A descriptor that is registered with events 0 is never reported.",
    .verdict = FACT_FALSE,
    .answer = "ERR and HUP are always reported. A server that pauses a client with events 0 "
              "must still handle them, or each wait returns at once.",
    .documented = "epoll_ctl(2), *EPOLLERR*, *EPOLLHUP*",
    .see = "[poll/unasked](#pollunasked)",
};

static void try_stale(void)
{
    int epoll = make_epoll(), a[2], b[2], newer, n;
    struct epoll_event events[2];

    make_pipe(a);
    make_pipe(b);
    watch(epoll, a[0], EPOLLIN);
    watch(epoll, b[0], EPOLLIN);
    put(a[1]);
    put(b[1]);
    n = epoll_wait(epoll, events, 2, 0);
    /* Handling the first event, the program closes the other one and opens a new one. */
    MUST(close(events[1].data.fd));
    newer = MUST(eventfd(0, EFD_NONBLOCK));
    promised(
        n == 2 && newer == events[1].data.fd && read(newer, &(uint64_t){ 0 }, 8) == -1,
        "a batch of %d; the second one is closed meanwhile, and its number reused: the "
        "event in hand names the new one, which has nothing to read",
        n);
}

static const struct fact stale = {
    .name = "epoll/stale", .run = try_stale,
    .claim = "After close, no event of that descriptor can reach me.",
    .verdict = FACT_FALSE,
    .answer = "Events that epoll_wait has already returned are in the program's array. If "
              "one handler closes another client, a later event of the batch is about "
              "something that no longer exists, or about a new client with the same number. "
              "So a handler closes only its own client; others are closed between batches.",
    .documented = "epoll(7), *Possible pitfalls*",
    .see = "[exhibit](museum/stale-event.md), "
           "[architecture](architecture.md#what-must-hold)",
};

static void try_eventfd(void)
{
    int epoll = make_epoll(), fd = MUST(eventfd(0, EFD_NONBLOCK));
    struct epoll_event events[8];
    uint64_t value = 1;
    int n;

    watch(epoll, fd, EPOLLIN);
    for (int i = 0; i < 3; i++)
        MUST((int)write(fd, &value, sizeof value));
    n = epoll_wait(epoll, events, 8, 0);
    MUST((int)read(fd, &value, sizeof value));
    promised(n == 1 && value == 3, "3 writes of 1: %d event, and one read returns %d", n,
             (int)value);
}

static const struct fact eventfd_adds = {
    .name = "epoll/eventfd", .run = try_eventfd,
    .claim = "Three writes to an eventfd are three events.",
    .verdict = FACT_FALSE,
    .answer = "An eventfd is a counter: the writes add up, a descriptor is in a report once, "
              "and one read returns the sum and sets it to 0. So it wakes a loop; it does "
              "not count jobs one by one (unless it was made with EFD_SEMAPHORE).",
    .documented = "eventfd(2)",
    .see = "[architecture](architecture.md#signals-are-a-descriptor)",
};

static const struct fact *const facts[] = {
    &size, &maxevents, &map, &watches, &regular_file, &close_dup, &close_fork, &oneshot,
    &nested, &unasked, &stale, &eventfd_adds, NULL,
};

const struct theme theme_epoll = { "epoll", "epoll", facts };
