/* How long the calls wait, and what interrupts them. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static void catch_usr1(void)
{
    struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };

    MUST(sigaction(SIGUSR1, &action, NULL));
}

static void try_zero(void)
{
    int p[2], epoll = make_epoll(), at_once, sleeping;
    fd_set readers;
    struct timeval zero = { 0 };
    struct pollfd entry = { .events = POLLIN };

    make_pipe(p);
    entry.fd = p[0];
    FD_ZERO(&readers);
    FD_SET(p[0], &readers);
    at_once = select(p[0] + 1, &readers, NULL, NULL, &zero) == 0;
    at_once += poll(&entry, 1, 0) == 0;
    at_once += told(epoll, 0) == 0;
    sleeping = sleeps(waiter(wait_select, p[0]));
    sleeping += sleeps(waiter(wait_poll, p[0]));
    sleeping += sleeps(waiter(wait_epoll, epoll));
    promised(
        at_once == 3 && sleeping == 3,
        "nothing is ready: with 0, %d of 3 calls return 0 at once; with -1 (select: NULL), "
        "%d of 3 sleep",
        at_once, sleeping);
}

static const struct fact zero = {
    .name = "time/zero", .run = try_zero,
    .claim = "A timeout of 0 waits for ever.",
    .verdict = FACT_FALSE,
    .answer = "With 0 the call does not wait at all: it asks. For ever is -1 for poll and "
              "epoll_wait, and a null pointer for select. A loop whose timeout happens to be "
              "0 spins.",
    .question = "Which timeout waits for ever?",
    .reply = "-1 for poll and epoll_wait, NULL for select.",
    .documented = "select(2), poll(2), epoll_wait(2)",
    .see = "[time/below-a-millisecond](#timebelow-a-millisecond)",
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void try_early(void)
{
    int epoll = make_epoll(), early = 0;

    for (int i = 0; i < 10; i++) {
        struct timeval timeout = { .tv_usec = 1500 };
        double start = now();

        select(0, NULL, NULL, NULL, &timeout);
        early += now() - start < 1.5;
        start = now();
        poll(NULL, 0, 2);
        early += now() - start < 2;
        start = now();
        told(epoll, 2);
        early += now() - start < 2;
    }
    promised(early == 0,
             "10 waits each: select for 1.5 ms, poll and epoll_wait for 2 ms: %d ended early",
             early);
}

static const struct fact early = {
    .name = "time/early", .run = try_early,
    .claim = "A wait may end a little before its timeout.",
    .verdict = FACT_FALSE,
    .answer = "The kernel rounds up, and adds some slack: a wait ends late, never early "
              "(unless something is ready, or a signal comes). So a clock that is due in 1.5 "
              "ms, waited for with 2 ms, is due afterwards; waited for with 1 ms, it is not.",
    .documented = "select(2), poll(2): rounded up to the system clock granularity",
    .see = "[architecture](architecture.md#clocks)",
};

static long naps(void)
{
    struct rusage usage;

    MUST(getrusage(RUSAGE_SELF, &usage));
    return usage.ru_nvcsw;              /* each sleep is a voluntary context switch */
}

static void try_below(void)
{
    double due = 0.9;                   /* ms */
    long start = naps(), rounded_down, rounded_up;

    for (int i = 0; i < 1000; i++)
        poll(NULL, 0, (int)due);
    rounded_down = naps() - start;
    start = naps();
    for (int i = 0; i < 20; i++)
        poll(NULL, 0, (int)due + 1);
    rounded_up = naps() - start;
    promised(rounded_down < 100 && rounded_up >= 20,
             "0.9 ms as an int is %d: 1000 calls of poll hardly ever sleep; rounded up to "
             "%d, each one does",
             (int)due, (int)due + 1);
}

static const struct fact below = {
    .name = "time/below-a-millisecond", .run = try_below,
    .claim = "If 0.9 ms are left, I give poll 0.9 as the timeout.",
    .verdict = FACT_FALSE,
    .answer = "poll and epoll_wait take whole milliseconds, and C rounds 0.9 to 0: the loop "
              "spins until the time has come. Round up. (ppoll, pselect and epoll_pwait2 "
              "take nanoseconds.)",
    .question = "Why does my loop spin shortly before each timeout?",
    .reply = "The rest of the time was rounded down to 0 ms.",
    .documented = "poll(2), epoll_wait(2), epoll_pwait2(2)",
    .see = "[exhibit](museum/timeout-to-zero.md), "
           "[time/early](#timeearly)",
    .met = "cctools, pull request 1738 (busy for the last second); zephyr, pull request "
           "114404; rust-subprocess, pull request 95.",
};

static void try_restart(void)
{
    int p[2], epoll = make_epoll(), by_select, by_poll, by_epoll, reading;
    pid_t pid;

    make_pipe(p);
    catch_usr1();
    MUST(kill(pid = waiter(wait_select, p[0]), SIGUSR1));
    by_select = returned(pid);
    MUST(kill(pid = waiter(wait_poll, p[0]), SIGUSR1));
    by_poll = returned(pid);
    MUST(kill(pid = waiter(wait_epoll, epoll), SIGUSR1));
    by_epoll = returned(pid);
    MUST(kill(pid = waiter(wait_read, p[0]), SIGUSR1));
    reading = sleeps(pid);
    promised(
        by_select == -EINTR && by_poll == -EINTR && by_epoll == -EINTR && reading,
        "a handler with SA_RESTART; after the signal, select, poll and epoll_wait return "
        "%s, %s and %s; a blocking read %s",
        by_select == -EINTR ? "EINTR" : "something else",
        by_poll == -EINTR ? "EINTR" : "something else",
        by_epoll == -EINTR ? "EINTR" : "something else", reading ? "sleeps on" : "returns");
}

static const struct fact restart = {
    .name = "time/restart", .run = try_restart,
    .claim = "With SA_RESTART I need not handle EINTR.",
    .verdict = FACT_DEPENDS,
    .answer = "on the call. read, write and accept are restarted; select, poll and "
              "epoll_wait never are. Their EINTR is the moment to look at what the handler "
              "has noted.",
    .question = "What do I do about EINTR?",
    .reply = "Call again, after a look at what the handler has noted.",
    .documented = "signal(7), *Interruption of system calls … by signal handlers*",
    .see = "[architecture](architecture.md#signals-are-a-descriptor)",
};

static int stop_and_continue(int (*call)(int), int fd)
{
    pid_t pid = waiter(call, fd);
    int status;

    MUST(kill(pid, SIGSTOP));
    MUST(waitpid(pid, &status, WUNTRACED));
    MUST(kill(pid, SIGCONT));
    return sleeps(pid) ? 0 : returned(pid);
}

static void try_stop(void)
{
    int p[2], by_select, by_poll, by_epoll;

    make_pipe(p);
    by_select = stop_and_continue(wait_select, p[0]);
    by_poll = stop_and_continue(wait_poll, p[0]);
    by_epoll = stop_and_continue(wait_epoll, make_epoll());
    here(by_select == 0 && by_poll == 0,
         "stopped and continued, without a handler: select %s, poll %s",
         by_select == 0 ? "sleeps on" : "returns", by_poll == 0 ? "sleeps on" : "returns");
    here(by_epoll == -EINTR, "epoll_wait %s",
         by_epoll == -EINTR ? "returns EINTR" : by_epoll == 0 ? "sleeps on" : "returns");
}

static const struct fact stop = {
    .name = "time/stop", .run = try_stop,
    .claim = "Without a signal handler there is no EINTR.",
    .verdict = FACT_DEPENDS,
    .answer = "on the call. Ctrl-Z and `fg` (SIGSTOP, SIGCONT), or a debugger, end an "
              "epoll_wait with EINTR although no handler exists. A server that takes each -1 "
              "for a failure dies of Ctrl-Z.",
    .documented = "signal(7), *Interruption of system calls … by stop signals*",
    .see = "[time/restart](#timerestart)",
    .met = "keepalived, issue 1883; ljsyscall, issue 166 (Ctrl-Z and `fg`); PureSpice, pull "
           "request 11 (a breakpoint).",
};

static void try_before(void)
{
    int p[2], slept, n;
    struct pollfd entry = { .events = POLLIN };
    sigset_t usr1, none;

    make_pipe(p);
    entry.fd = p[0];
    catch_usr1();
    raise(SIGUSR1);                     /* just before the wait */
    slept = sleeps(waiter(wait_poll, p[0]));
    promised(signals == 1 && slept, "the handler has run %d time, then poll is called: it %s",
             (int)signals, slept ? "sleeps" : "returns");
    sigemptyset(&none);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
    raise(SIGUSR1);
    n = ppoll(&entry, 1, NULL, &none);
    promised(n == -1 && errno == EINTR && signals == 2,
             "blocked before, and let in by ppoll: it returns %s at once",
             errno == EINTR ? "EINTR" : "something else");
}

static const struct fact before = {
    .name = "time/signal-before", .run = try_before,
    .claim = "A signal ends the wait, so the loop sees the flag that the handler has set.",
    .verdict = FACT_DEPENDS,
    .answer = "on when it comes. A signal between the test of the flag and the wait runs the "
              "handler, and the wait sleeps all the same. Remedies: block the signal and let "
              "it in by ppoll, pselect or epoll_pwait; or let the handler write to a pipe "
              "that the loop watches.",
    .question = "Why does my server sometimes not notice SIGTERM?",
    .reply = "It came just before the wait.",
    .documented = "select_tut(2), *Combining signal and data events*",
    .see = "[architecture](architecture.md#signals-are-a-descriptor)",
};

static void try_busy(void)
{
    int p[2], n;
    struct pollfd entry = { .events = POLLIN };
    sigset_t usr1, none;

    make_pipe(p);
    put(p[1]);
    entry.fd = p[0];
    catch_usr1();
    sigemptyset(&none);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
    raise(SIGUSR1);
    n = ppoll(&entry, 1, NULL, &none);
    here(n == 1 && signals == 0,
         "a signal is pending and a descriptor is ready: ppoll returns %d, the handler has "
         "run %d times",
         n, (int)signals);
}

static const struct fact busy = {
    .name = "time/busy", .run = try_busy,
    .claim = "ppoll lets a blocked signal in, whatever it returns.",
    .verdict = FACT_FALSE,
    .answer = "A wait that finds work returns at once, and the signal stays pending. A "
              "server that is never idle would never hear it. A self-pipe or a signalfd is "
              "seen in the next turn, like any other descriptor.",
    .documented = "nowhere; seen here",
    .see = "[architecture](architecture.md#signals-are-a-descriptor)",
};

static const struct fact *const facts[] = {
    &zero, &early, &below, &restart, &stop, &before, &busy, NULL,
};

const struct theme theme_time = { "time", "time and signals", facts };
