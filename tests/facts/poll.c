/* poll(2): an array, an entry a descriptor. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void try_negative(void)
{
    int p[2], n;
    struct pollfd entries[2];

    make_pipe(p);
    put(p[1]);
    entries[0] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = POLLIN };
    entries[1] = (struct pollfd){ .fd = p[0], .events = POLLIN };
    n = poll(entries, 2, 0);
    promised(n == 1 && entries[0].revents == 0,
             "2 entries, one with fd -1: poll returned %d; the revents of -1: %d", n,
             entries[0].revents);
}

static const struct fact negative = {
    .name = "poll/negative", .run = try_negative,
    .claim = "An entry with descriptor -1 is ignored.",
    .verdict = FACT_TRUE,
    .answer = "poll passes over negative descriptors and sets their revents to 0. That is a "
              "way to leave an entry out for some turns without moving the array.",
    .documented = "poll(2); POSIX, *poll*",
    .see = "[poll_server](../poll_server/README.md#what-the-program-tells-the-kernel)",
};

static void try_limit(void)
{
    struct pollfd entries[17];
    struct rlimit limit;
    int within, beyond;

    for (int i = 0; i < 17; i++)
        entries[i] = (struct pollfd){ .fd = -1 };
    MUST(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = 16;
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    within = poll(entries, 16, 0);
    beyond = poll(entries, 17, 0);
    promised(within == 0 && beyond == -1 && errno == EINVAL,
             "RLIMIT_NOFILE is 16: poll of 16 entries returned %d; of 17 it returned %d, %s",
             within, beyond, errno == EINVAL ? "EINVAL" : strerror(errno));
}

static const struct fact limit = {
    .name = "poll/limit", .run = try_limit,
    .claim = "poll has no limit.",
    .verdict = FACT_DEPENDS,
    .answer = "on RLIMIT_NOFILE: poll refuses an array of more entries than that, even if "
              "entries are -1. There is no FD_SETSIZE. Each entry costs a visit in each "
              "call.",
    .question = "How many descriptors can poll watch?",
    .reply = "As many as RLIMIT_NOFILE allows.",
    .documented = "poll(2), *EINVAL*",
    .see = "[rung 6](ladder/06-poll.c), [poll_server](../poll_server/README.md#its-limit), "
           "[lab 2](labs/02-idle-slope.md)",
    .taught = "<http://bubuko.com/infodetail-3082167.html> says that there is no limit, "
              "because poll keeps a linked list. It takes an array.",
};

static void try_unasked(void)
{
    int p[2], c[2];
    struct pollfd entry;

    make_pipe(p);
    MUST(close(p[1]));
    entry = (struct pollfd){ .fd = p[0], .events = 0 };
    MUST(poll(&entry, 1, 0));
    promised(entry.revents == POLLHUP, "events 0, the writer of a pipe has closed: %s",
             bits((uint32_t)entry.revents));
    make_connection(c);
    give_up(c[1]);
    await(c[0], POLLERR);
    entry = (struct pollfd){ .fd = c[0], .events = 0 };
    MUST(poll(&entry, 1, 0));
    promised(entry.revents & POLLERR, "events 0, the peer has reset the connection: %s",
             bits((uint32_t)entry.revents));
}

static const struct fact unasked = {
    .name = "poll/unasked", .run = try_unasked,
    .claim = "I must ask for POLLERR and POLLHUP.",
    .verdict = FACT_FALSE,
    .answer = "Both are reported whatever events says, and cannot be switched off. So a "
              "client that is waited for with events 0 can still end each wait at once: "
              "handle these bits always. To handle them, read or write, and close when that "
              "fails.",
    .question = "Must I ask for POLLHUP and POLLERR?",
    .reply = "No. They are always reported, and must always be handled.",
    .documented = "poll(2); POSIX, *poll*",
    .see = "[poll_server](../poll_server/README.md#what-the-kernel-gives-back)",
};

static void try_nval(void)
{
    int p[2], n;
    struct pollfd entry;

    make_pipe(p);
    entry = (struct pollfd){ .fd = p[0], .events = POLLIN };
    MUST(close(p[0]));
    n = poll(&entry, 1, -1);
    promised(n == 1 && entry.revents == POLLNVAL,
             "the descriptor is closed, the timeout is -1: poll returned %d at once, with %s",
             n, bits((uint32_t)entry.revents));
}

static const struct fact nval = {
    .name = "poll/closed", .run = try_nval,
    .claim = "poll fails when a descriptor is closed.",
    .verdict = FACT_FALSE,
    .answer = "It reports the entry with POLLNVAL and counts it as ready. A loop that looks "
              "for IN and OUT only finds nothing to do, and each wait returns at once: it "
              "spins. POLLNVAL is always a bug of the program.",
    .documented = "poll(2); POSIX, *poll*",
    .see = "[select/closed](#selectclosed)",
};

static void try_hup_data(void)
{
    int p[2];
    struct pollfd entry;
    char text[16];
    ssize_t first, second;

    make_pipe(p);
    MUST((int)write(p[1], "hello", 5));
    MUST(close(p[1]));
    entry = (struct pollfd){ .fd = p[0], .events = POLLIN };
    MUST(poll(&entry, 1, 0));
    first = read(p[0], text, sizeof text);
    second = read(p[0], text, sizeof text);
    promised(entry.revents == (POLLIN | POLLHUP) && first == 5 && second == 0,
             "5 bytes, then the writer closes: %s; the reads return %zd and %zd",
             bits((uint32_t)entry.revents), first, second);
}

static const struct fact hup_data = {
    .name = "poll/hup-with-data", .run = try_hup_data,
    .claim = "After POLLHUP there is nothing left to read.",
    .verdict = FACT_FALSE,
    .answer = "HUP says that no more will come, not that nothing is there. Read until read "
              "returns 0. A loop that tests HUP before IN, and closes, loses the last "
              "request.",
    .question = "Can there be data after POLLHUP?",
    .reply = "Yes. Read until 0.",
    .documented = "poll(2), *POLLHUP*; POSIX, *poll*",
    .see = "[poll_server](../poll_server/README.md#what-the-kernel-gives-back)",
};

static void try_file(void)
{
    struct pollfd entry = { .events = POLLIN | POLLOUT };
    ssize_t got;
    int n;

    entry.fd = MUST(open("/proc/self/exe", O_RDONLY));      /* this program's own file */
    MUST(lseek(entry.fd, 0, SEEK_END) < 0 ? -1 : 0);
    n = poll(&entry, 1, -1);
    got = read(entry.fd, &(char){ 0 }, 1);
    promised(n == 1 && entry.revents == (POLLIN | POLLOUT) && got == 0,
             "at the end of a file: %s at once, and read returns %zd",
             bits((uint32_t)entry.revents), got);
}

static const struct fact file = {
    .name = "poll/file", .run = try_file,
    .claim = "poll tells me when a regular file has something new to read.",
    .verdict = FACT_FALSE,
    .answer = "A regular file is always ready, for reading and for writing, even at its end "
              "and even if the disk is slow. select says the same. epoll refuses it.",
    .question = "Can I wait for a regular file?",
    .reply = "No. It is always ready; epoll refuses it.",
    .documented = "POSIX, *poll*, *select*",
    .see = "[epoll/file](#epollfile)",
};

static void try_precedence(void)
{
    int pair[2];
    struct pollfd entry;
    int as_meant, as_parsed;

    make_pair(pair);
    entry = (struct pollfd){ .fd = pair[0], .events = POLLOUT };
    MUST(poll(&entry, 1, 0));
    as_meant = (entry.revents & POLLOUT) > 0;
    as_parsed = entry.revents & (POLLOUT > 0);      /* so C reads it without parentheses */
    promised(as_meant == 1 && as_parsed == 0,
             "a writable socket: (revents & POLLOUT) > 0 is %d; without parentheses it is %d",
             as_meant, as_parsed);
    here(POLLIN == 1, "POLLIN is %d, so for POLLIN the mistake does not show", POLLIN);
}

static const struct fact precedence = {
    .name = "poll/precedence", .run = try_precedence,
    .claim = "`revents & POLLIN > 0` asks whether POLLIN is set.",
    .verdict = FACT_DEPENDS,
    .answer = "on the number that POLLIN happens to be. C compares first: it is `revents & "
              "1`. Where POLLIN is 1 this works; the same line with POLLOUT never does. "
              "Write `if (revents & POLLIN)`; -Wall warns of the other one.",
    .documented = "C11, 6.5.8 to 6.5.10",
    .see = "[exhibit](museum/precedence.md), "
           "[poll_server](../poll_server/README.md)",
    .met = "*MackieControlProtocol::read_ports* of an audio program (libpbd, midi++) has "
           "this line in public source; it works there, since POLLIN is 1.",
};

static int wait_ready_read(int fd)
{
    struct pollfd entry = { .fd = fd, .events = POLLIN };

    if (poll(&entry, 1, -1) != 1 || fcntl(fd, F_SETFL, 0) < 0)
        return -1;
    take(fd);                   /* as another process that reads from the same pipe would */
    return (int)read(fd, &(char){ 0 }, 1);
}

static void try_ready_blocks(void)
{
    int p[2];
    pid_t reader;

    make_pipe(p);
    put(p[1]);
    reader = waiter(wait_ready_read, p[0]);
    promised(sleeps(reader),
             "poll said IN, another reader was faster: the blocking read %s",
             sleeps(reader) ? "sleeps" : "returned");
}

static const struct fact ready_blocks = {
    .name = "poll/ready-blocks", .run = try_ready_blocks,
    .claim = "After poll has said IN, a read cannot block.",
    .verdict = FACT_FALSE,
    .answer = "Ready was true when it was said. Another process may have taken the bytes, or "
              "the connection, and Linux may drop a datagram with a wrong checksum. Only "
              "O_NONBLOCK makes sure: then the read returns -1 with EAGAIN, which is no "
              "error.",
    .question = "Why O_NONBLOCK, when poll says that it is ready?",
    .reply = "What was ready may be gone when you read.",
    .documented = "select(2), *BUGS*; poll(2), *BUGS*",
    .see = "[sockets/eagain](#socketseagain)",
};

static const struct fact *const facts[] = {
    &negative, &limit, &unasked, &nval, &hup_data, &file, &precedence, &ready_blocks, NULL,
};

const struct theme theme_poll = { "poll", "poll", facts };
