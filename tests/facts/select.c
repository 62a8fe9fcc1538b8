/* select(2): three sets of bits. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct timeval at_once;      /* zero: select does not wait */

static void try_limit(void)
{
    int p[2], high, higher;
    fd_set readers;

    make_pipe(p);
    high = lift(p[0], FD_SETSIZE - 1);
    higher = lift(p[0], FD_SETSIZE);
    put(p[1]);
    FD_ZERO(&readers);
    FD_SET(high, &readers);
    promised(select(high + 1, &readers, NULL, NULL, &at_once) == 1
                 && FD_ISSET(high, &readers),
             "a set has room for the values 0 to %d; descriptor %d is watched and reported",
             FD_SETSIZE - 1, high);
    promised(higher >= FD_SETSIZE,
             "a program with few files open has descriptor %d: it must not call FD_SET for "
             "it",
             higher);
}

static const struct fact limit = {
    .name = "select/limit", .run = try_limit,
    .claim = "select serves at most 1,024 clients.",
    .verdict = FACT_DEPENDS,
    .answer = "on the values of its descriptors, not on how many it watches. An fd_set has a "
              "bit for each value below FD_SETSIZE, which is 1,024. A server that has "
              "inherited a thousand open files reaches the limit with its first clients. "
              "FD_SET beyond the limit writes into the memory behind the set.",
    .question = "What is select's limit?",
    .reply = "Descriptor 1,023: the limit is on the value, not on the number of clients.",
    .documented = "select(2), *BUGS*; POSIX, *select*",
    .see = "[exhibit](museum/slots-counted.md), "
           "[rung 5](ladder/05-select.c), "
           "[select_server](../select_server/README.md#its-limit), [lab "
           "1](labs/01-descriptors.md)",
    .met = "AMQP-CPP, pull request 378 (the stack was overwritten); microsoft/omi, issue 625 "
           "(ended by the C library's check); quickjs-ng, issue 1096.",
};

static void try_kernel_limit(void)
{
    enum { BITS = 8 * sizeof(unsigned long) };
    unsigned long readers[2 * FD_SETSIZE / BITS] = { 0 };
    int p[2], fd;

    make_pipe(p);
    fd = lift(p[0], FD_SETSIZE + 6);
    put(p[1]);
    readers[fd / BITS] |= 1UL << fd % BITS;     /* as FD_SET would, in a larger set */
    here(select(fd + 1, (fd_set *)readers, NULL, NULL, &at_once) == 1,
         "a set of twice the size was taken: descriptor %d was reported", fd);
}

static const struct fact kernel_limit = {
    .name = "select/kernel-limit", .run = try_kernel_limit,
    .claim = "The kernel cannot do more than 1,024 with select.",
    .verdict = FACT_FALSE,
    .answer = "The limit is the size of the type fd_set in the C library. Linux takes as "
              "many bits as the first argument says. A program that allocates larger sets "
              "itself leaves what POSIX describes; poll is the better answer.",
    .documented = "select(2), *BUGS*",
    .see = "[select_server](../select_server/README.md#its-limit)",
    .taught = "<https://skykens.github.io/linuxepoll-mo-xing-xiang-jie-ji-yuan-ma-fen-xi-zhuan> "
              "and <https://blog.csdn.net/qq_34938530/article/details/79855327> say that the "
              "kernel must be compiled anew for more.",
};

static void try_isset(void)
{
    fd_set sets[2];
    volatile int beyond = FD_SETSIZE;
    int answer, status;
    pid_t child;

    FD_ZERO(&sets[0]);
    memset(&sets[1], 0xff, sizeof sets[1]);
    fflush(stdout);
    if ((child = MUST(fork())) == 0) {
        close(STDERR_FILENO);       /* the check complains there */
        answer = FD_ISSET(beyond, &sets[0]);
        _exit(answer < 0 ? 2 : 3);
    }
    MUST(waitpid(child, &status, 0));
    here(!WIFEXITED(status) || WEXITSTATUS(status) != 2,
         "FD_ISSET(%d, &set) of an empty set: %s", beyond,
         !WIFEXITED(status) || WEXITSTATUS(status) < 2
             ? "a check of the compiler or of the C library ended the program"
         : WEXITSTATUS(status) == 2 ? "it answered a negative number"
                                    : "it answered with a bit of what lies behind the set");
    promised(FD_ISSET(0, &sets[0]) == 0 && FD_ISSET(0, &sets[1]) != 0,
             "within the range it answers zero or not zero");
}

static const struct fact isset = {
    .name = "select/isset", .run = try_isset,
    .claim = "FD_ISSET returns a negative number for a descriptor out of range.",
    .verdict = FACT_FALSE,
    .answer = "FD_ISSET reports no error. Out of range its behaviour is undefined: it reads "
              "memory behind the set, or a check of the C library ends the program. The "
              "caller must compare with FD_SETSIZE before FD_SET and before FD_ISSET.",
    .documented = "select(2), *NOTES*; POSIX, *select*",
    .see = "[select_server](../select_server/README.md#its-limit)",
};

static void try_sets_change(void)
{
    int quiet[2], busy[2];
    fd_set readers;
    int first, second;

    make_pipe(quiet);
    make_pipe(busy);
    FD_ZERO(&readers);
    FD_SET(quiet[0], &readers);
    FD_SET(busy[0], &readers);
    put(busy[1]);
    first = select(busy[0] + 1, &readers, NULL, NULL, &at_once);
    put(quiet[1]);
    second = select(busy[0] + 1, &readers, NULL, NULL, &at_once);
    promised(first == 1 && second == 1 && !FD_ISSET(quiet[0], &readers),
             "2 descriptors asked for, %d ready; then both ready, and the same set again: "
             "%d reported, since the other one's bit was gone", first, second);
}

static const struct fact sets_change = {
    .name = "select/sets", .run = try_sets_change,
    .claim = "I fill the sets once and call select in a loop.",
    .verdict = FACT_FALSE,
    .answer = "select writes its answer over the question: the bits of what is not ready are "
              "cleared. Each call needs a fresh copy. This is also true for a timeout: then "
              "all bits are zero.",
    .question = "Why must I fill the fd_set anew each time?",
    .reply = "select writes its answer over your sets.",
    .documented = "select(2); POSIX, *select*",
    .see = "[select_server](../select_server/README.md#what-the-program-tells-the-kernel)",
};

static void try_timeout(void)
{
    int p[2];
    fd_set readers;
    struct timeval timeout = { .tv_sec = 10 };
    struct timespec constant = { .tv_sec = 10 };

    make_pipe(p);
    put(p[1]);
    FD_ZERO(&readers);
    FD_SET(p[0], &readers);
    MUST(select(p[0] + 1, &readers, NULL, NULL, &timeout));
    here((timeout.tv_sec < 10) == GLIBC,
         "a timeout of 10 s and a ready descriptor: select %s",
         timeout.tv_sec < 10 ? "wrote what was left, less than 10 s"
                             : "left the 10 s as they were");
    MUST(pselect(p[0] + 1, &readers, NULL, NULL, &constant, NULL));
    promised(constant.tv_sec == 10, "pselect's timeout of %d s is as it was",
             (int)constant.tv_sec);
    timeout = (struct timeval){ .tv_usec = 1000 };
    take(p[0]);
    MUST(select(p[0] + 1, &readers, NULL, NULL, &timeout));
    here((timeout.tv_usec == 0) == GLIBC,
         "after a timeout of 1 ms that passed, %d ms are left%s",
         (int)(timeout.tv_usec / 1000),
         timeout.tv_usec == 0 ? ": the next call would not wait" : "");
}

static const struct fact timeout = {
    .name = "select/timeout", .run = try_timeout,
    .claim = "select leaves the timeout as it was.",
    .verdict = FACT_DEPENDS,
    .answer = "on the system and the C library. Linux writes into it what was left of it, "
              "and glibc lets it; musl gives the kernel a copy; most other systems leave it. "
              "POSIX allows all of that. So set it before each call, or use pselect, which "
              "never changes it. A loop that sets it once spins after the first timeout.",
    .documented = "select(2), *The timeout*; POSIX, *select*",
    .see = "[time/zero](#timezero)",
};

static void try_both(void)
{
    int pair[2], n;
    fd_set readers, writers;

    make_pair(pair);
    say(pair[1], "x");
    FD_ZERO(&readers);
    FD_SET(pair[0], &readers);
    writers = readers;
    n = select(pair[0] + 1, &readers, &writers, NULL, &at_once);
    promised(n == 2 && FD_ISSET(pair[0], &readers) && FD_ISSET(pair[0], &writers),
             "one socket in both sets: select returned %d", n);
}

static const struct fact both = {
    .name = "select/both", .run = try_both,
    .claim = "One descriptor cannot be in the read set and in the write set.",
    .verdict = FACT_FALSE,
    .answer = "A descriptor can be in both, and both can be reported by the same call. "
              "select returns the number of bits, not of descriptors; a loop that counts "
              "down must count each bit.",
    .documented = "select(2), *RETURN VALUE*; POSIX, *select*",
    .see = "[comparison](comparison.md#hearing-from-the-kernel-run)",
};

static void try_nfds(void)
{
    int p[2], fd, few, enough;
    fd_set readers;

    make_pipe(p);
    fd = lift(p[0], 900);
    put(p[1]);
    FD_ZERO(&readers);
    FD_SET(fd, &readers);
    few = select(1, &readers, NULL, NULL, &at_once);
    FD_SET(fd, &readers);
    enough = select(fd + 1, &readers, NULL, NULL, &at_once);
    promised(few == 0 && enough == 1,
             "1 descriptor, of value %d: with nfds 1 select returned %d, with nfds %d it "
             "returned %d",
             fd, few, fd + 1, enough);
}

static const struct fact nfds = {
    .name = "select/nfds", .run = try_nfds,
    .claim = "The first argument of select is the number of descriptors that I watch.",
    .verdict = FACT_FALSE,
    .answer = "It is the highest value plus one. Kernel and program look at the bits below "
              "it. So the cost follows the highest value: to find one client at 900 a "
              "program passes 901 bits.",
    .question = "Why does select get slower with high descriptors?",
    .reply = "Kernel and program look at every bit below the highest one.",
    .documented = "select(2); POSIX, *select*",
    .see = "[select_server](../select_server/README.md#who-scans-what), "
           "[measurements](measurements.md)",
};

static void try_closed(void)
{
    int good[2], gone[2], n;
    fd_set readers;
    struct pollfd both_of[2];

    make_pipe(good);
    make_pipe(gone);
    put(good[1]);
    MUST(close(gone[0]));
    FD_ZERO(&readers);
    FD_SET(good[0], &readers);
    FD_SET(gone[0], &readers);
    n = select(gone[0] + 1, &readers, NULL, NULL, &at_once);
    promised(n == -1 && errno == EBADF,
             "1 of 2 descriptors is closed, the other is ready: select fails with %s",
             errno == EBADF ? "EBADF" : strerror(errno));
    both_of[0] = (struct pollfd){ .fd = good[0], .events = POLLIN };
    both_of[1] = (struct pollfd){ .fd = gone[0], .events = POLLIN };
    n = poll(both_of, 2, 0);
    promised(n == 2 && both_of[0].revents == POLLIN && both_of[1].revents == POLLNVAL,
             "the same for poll: %d entries, %s and %s", n,
             bits((uint32_t)both_of[0].revents), bits((uint32_t)both_of[1].revents));
}

static const struct fact closed = {
    .name = "select/closed", .run = try_closed,
    .claim = "A closed descriptor in the set is ignored.",
    .verdict = FACT_FALSE,
    .answer = "select fails as a whole with EBADF and does not say which one it was: the "
              "ready clients are not served. poll says it in the one entry (POLLNVAL). epoll "
              "has forgotten the descriptor by then.",
    .documented = "select(2), poll(2); POSIX, *select*, *poll*",
    .see = "[epoll/close](#epollclose)",
};

static void try_end(void)
{
    int pair[2];
    fd_set readers;
    ssize_t n;
    char byte;

    make_pair(pair);
    MUST(close(pair[1]));
    FD_ZERO(&readers);
    FD_SET(pair[0], &readers);
    MUST(select(pair[0] + 1, &readers, NULL, NULL, &at_once));
    n = recv(pair[0], &byte, 1, 0);
    promised(FD_ISSET(pair[0], &readers) && n == 0,
             "the peer has closed: the socket is readable, and recv returns %zd", n);
}

static const struct fact end = {
    .name = "select/end", .run = try_end,
    .claim = "A socket is reported as readable when there is data.",
    .verdict = FACT_DEPENDS,
    .answer = "on what else has happened: readable means that a read would not block. That "
              "is so with data, at the end of the stream (read returns 0), and with an error "
              "(read returns -1). A loop that takes 0 for \"nothing yet\" is told again at "
              "once, for ever.",
    .question = "How do I see that the client has closed?",
    .reply = "The socket is readable, and read returns 0.",
    .documented = "select(2); POSIX, *select*",
    .see = "[exhibit](museum/fin-unseen.md), "
           "[rung 1](ladder/01-one.c), [closing/fin](#closingfin)",
};

static void try_except(void)
{
    int c[2];
    fd_set readers, excepts;
    ssize_t n;

    make_connection(c);
    give_up(c[1]);
    await(c[0], POLLERR);
    FD_ZERO(&readers);
    FD_SET(c[0], &readers);
    excepts = readers;
    MUST(select(c[0] + 1, &readers, NULL, &excepts, &at_once));
    n = recv(c[0], &(char){ 0 }, 1, 0);
    promised(FD_ISSET(c[0], &readers) && n == -1 && errno == ECONNRESET,
             "the peer has reset the connection: in the read set, and recv fails with %s",
             n == -1 && errno == ECONNRESET ? "ECONNRESET" : "something else");
    here(!FD_ISSET(c[0], &excepts), "the bit in exceptfds is %d",
         FD_ISSET(c[0], &excepts) != 0);
}

static const struct fact except = {
    .name = "select/except", .run = try_except,
    .claim = "The third set of select reports errors.",
    .verdict = FACT_FALSE,
    .answer = "It reports exceptional conditions; for TCP that is urgent data. An error "
              "shows as readable and writable, and the call that is then made says which "
              "error it is.",
    .documented = "select(2); poll(2), *POLLPRI*",
    .see = "[poll_server](../poll_server/README.md#what-the-kernel-gives-back)",
};

static const struct fact *const facts[] = {
    &limit, &kernel_limit, &isset, &sets_change, &timeout, &both, &nfds, &closed, &end, &except,
    NULL,
};

const struct theme theme_select = { "select", "select", facts };
