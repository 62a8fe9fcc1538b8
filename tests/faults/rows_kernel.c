/* What the kernel and the clock may do to a server. */
#define _GNU_SOURCE
#include "rows.h"

#include "party.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SMALL = 2048 };
static const char *const services[] = { "calc", "echo", NULL };

/* SIGUSR1 without a pause, until the child returned is killed. */
static pid_t start_storm(pid_t target)
{
    pid_t storm = fork();

    check(storm >= 0, "fork: %s", strerror(errno));
    if (storm == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (kill(target, SIGUSR1) == 0)
            ;
        _exit(0);
    }
    return storm;
}

/* Nobody at the party is lost, in a storm or without, and the server ends in order. */
static void serve_party(char *const command[], const char *options, bool stormy)
{
    struct server s;
    static struct party party;
    int lost, status;
    pid_t storm = 0;

    server_start(&s, command, options);
    if (stormy)
        storm = start_storm(s.pid);
    party_enter(&party, &s);
    lost = party_play(&party);
    check(lost == 0, "%d clients were lost, with %s", lost, options);
    if (stormy) {
        kill(storm, SIGKILL);
        waitpid(storm, NULL, 0);
    }
    server_signal(&s, SIGTERM);
    party_leave(&party);
    status = server_wait(&s);
    check(status == 0, "after SIGTERM: expected exit 0, got %d", status);
    close(s.out);
    close(s.err);
}

/* Accept fails several times running. Does nothing spin meanwhile, and are those who
 * wait served in the end, though no new edge announces them? */
static void shortage(char *const command[])
{
    static const char *const plans[] = {
        "accept4:3:EMFILE:3", "accept4:2:ENFILE:3", "accept4:4:ENOBUFS:3",
        "accept4:1:ENOMEM:3", NULL
    };
    struct shim_page *page = behind_count();

    for (int i = 0; plans[i]; i++) {
        unsigned long waits;

        memset(page, 0, sizeof *page);
        behind_shim("SHIM_FAIL", plans[i]);
        serve_party(command, "--sndbuf 2048", false);
        waits = page->calls[CALL_select] + page->calls[CALL_poll] +
                page->calls[CALL_epoll_wait];
        check(page->struck == 3, "%s: struck %lu times", plans[i], page->struck);
        check(waits < 2000, "%s: it spins: %lu waits", plans[i], waits);
    }
}

/* There is no descriptor for anybody, and then the kernel will not watch the listener
 * again. Is it asked once more, and who waited served when there is room? */
static void unwatched(char *const command[])
{
    struct shim_page *page = behind_count();
    struct server s;
    rlim_t before;
    int fd;

    /* The next call takes the listener out, and the one after it is to put it in again.
     * Under edge trigger the listener stays, so nothing is struck. */
    behind_shim("SHIM_FAIL", "epoll_ctl:1000:ENOMEM");
    server_start(&s, command, "-s echo");
    server_settle(&s);
    page->first = page->calls[CALL_epoll_ctl] + 2;
    before = server_limit_descriptors(&s, (rlim_t)server_next_descriptor(&s));
    client_say(fd = client_open(&s), "hello");
    for (double end = guard_end(); page->calls[CALL_accept4] < 2; )
        guard_pause(end, "a second accept, after a pause");
    check(page->struck == (page->calls[CALL_epoll_ctl] >= page->first), "struck %lu times",
          page->struck);
    server_limit_descriptors(&s, before);
    client_hear(fd, "hello");
    close(fd);
    server_stop(&s);
}

/* Does stderr hold this line, and hold it once? */
static void expect_told_once(struct server *s, const char *what)
{
    char *told = server_stderr(s), *first = strstr(told, what);

    check(first != NULL && strstr(first + 1, what) == NULL,
          "expected \"%s\" once on stderr, which holds:\n%s", what, told);
    free(told);
}

/* Every accept fails, with an error that is nobody's own and lasts. Is it named, once, is
 * nothing spun, and are those served who are in? */
static void accept_refused(char *const command[])
{
    static const struct {
        const char *plan, *reason;
    } rows[] = {
        { "accept4:2:EPERM:1000000", "Operation not permitted" },
        { "accept4:2:EINVAL:1000000", "Invalid argument" },
        { "accept4:2:ENOSYS:1000000", "not implemented" }
    };
    struct shim_page *page = behind_count();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct server s;
        int inside, waiting;

        memset(page, 0, sizeof *page);
        behind_shim("SHIM_FAIL", rows[i].plan);
        server_start(&s, command, "-s echo");
        client_converse(inside = client_open(&s), "hello", 5, CLIENT_STAYS, "hello", 5);
        waiting = client_open(&s);
        for (double end = guard_end(); page->struck < 3; )
            guard_pause(end, "a third accept, after pauses");
        client_converse(inside, "again", 5, CLIENT_STAYS, "again", 5);
        expect_told_once(&s, rows[i].reason);
        server_expect_calm(&s, 0.3);
        close(inside);
        close(waiting);
        server_stop(&s);
    }
}

/* The wait fails with an error that will come again. Does the server end with status 1,
 * naming the call and the reason once, instead of spinning? */
static void wait_fails(char *const command[])
{
    static const struct {
        const char *name;
        int number;
    } calls[] = {
        { "select", CALL_select }, { "poll", CALL_poll }, { "epoll_wait", CALL_epoll_wait }
    };
    static const struct {
        const char *error, *reason;
    } errors[] = {
        { "EBADF", "Bad file descriptor" }, { "EINVAL", "Invalid argument" },
        { "EFAULT", "Bad address" }
    };
    struct shim_page *page = behind_count();

    for (int i = 0; i < 3; i++)
        for (int e = 0; e < 3; e++) {
            struct server s;
            char plan[60];
            int fd, status;

            memset(page, 0, sizeof *page);
            snprintf(plan, sizeof plan, "%s:1000:%s:1000000", calls[i].name, errors[e].error);
            behind_shim("SHIM_FAIL", plan);
            server_start(&s, command, "-s echo");
            server_settle(&s);
            if (page->calls[calls[i].number] == 0) {    /* it waits by another call */
                server_stop(&s);
                break;
            }
            page->first = page->calls[calls[i].number] + 1;
            fd = client_open(&s);
            server_settle(&s);
            if (page->struck == 0)    /* a thread without clients waits for signals */
                server_signal(&s, SIGUSR1);
            status = server_wait(&s);
            check(status == 1, "%s: expected exit 1, got %d", plan, status);
            expect_told_once(&s, errors[e].reason);
            snprintf(plan, sizeof plan, "%s failed: ", calls[i].name);
            expect_told_once(&s, plan);
            close(fd);
            close(s.out);
            close(s.err);
        }
}

/* The limit of descriptors is lowered under a server with clients. poll(2) takes no more
 * entries than it allows: does poll_server say so and end, and do the others go on? */
static void limit_lowered(char *const command[])
{
    enum { CLIENTS = 40 };
    struct shim_page *page = behind_count();
    int fds[CLIENTS];
    struct server s;

    behind_shim("SHIM_FAIL", "listen:1000:EADDRINUSE");    /* to count, no more */
    server_start(&s, command, "-s echo");
    for (int i = 0; i < CLIENTS; i++)
        client_converse(fds[i] = client_open(&s), "hello", 5, CLIENT_STAYS, "hello", 5);
    server_limit_descriptors(&s, CLIENTS / 2);
    if (page->calls[CALL_poll] >= CLIENTS) {    /* it waits for clients in it */
        client_say(fds[0], "hello");    /* its wait ends, and the next one fails */
        check(server_wait(&s) == 1, "expected exit 1");
        expect_told_once(&s, "RLIMIT_NOFILE is now 20");
        close(s.out);
        close(s.err);
    } else {
        client_converse(fds[0], "again", 5, CLIENT_STAYS, "again", 5);
        server_stop(&s);
    }
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
}

/* Connections that fail on their way in: does accepting go on? Each costs the client
 * that it befalls, and only that one. */
static void aborted(char *const command[])
{
    static const char *const errors[] = {
        "ECONNABORTED", "EPROTO", "ENETDOWN", "EHOSTUNREACH", "ENETUNREACH", NULL
    };
    enum { CLIENTS = 8 };

    for (int i = 0; errors[i]; i++) {
        struct server s;
        char plan[60];
        int fds[CLIENTS], gone = 0;

        snprintf(plan, sizeof plan, "accept4:3:%s:2", errors[i]);
        behind_shim("SHIM_FAIL", plan);
        server_start(&s, command, "-s echo");
        server_signal(&s, SIGSTOP); /* all wait in the backlog: one edge for all */
        for (int n = 0; n < CLIENTS; n++)
            client_say(fds[n] = client_open(&s), "hello");
        server_signal(&s, SIGCONT);
        for (int n = 0; n < CLIENTS; n++) {
            enum client_state state = client_wait(fds[n], guard_end());

            if (state == CLIENT_HAS_BYTES)
                client_hear(fds[n], "hello");
            gone += state == CLIENT_RESET || state == CLIENT_AT_EOF;
            check(state != CLIENT_QUIET, "%s: client %d is stranded", plan, n);
            close(fds[n]);
        }
        check(gone == 2, "%s: expected 2 clients gone, got %d", plan, gone);
        server_stop(&s);
    }
}

/* Every second, third and fifth call that may block is interrupted. Is each retried? */
static void interrupted(char *const command[])
{
    static const char *const every[] = { "2", "3", "5", NULL };
    struct shim_page *page = behind_count();

    for (int s = 0; services[s]; s++)
        for (int i = 0; every[i]; i++) {
            char options[60];

            memset(page, 0, sizeof *page);
            snprintf(options, sizeof options, "-s %s --sndbuf %d", services[s], SMALL);
            behind_shim("SHIM_EINTR", every[i]);
            serve_party(command, options, false);
            check(page->struck > 20, "only %lu calls were interrupted", page->struck);
        }
}

/* The same by a real signal, as fast as another process can send it. */
static void signal_storm(char *const command[])
{
    enum { ROUNDS = 5 };

    for (int i = 0; i < ROUNDS; i++)
        serve_party(command, "--sndbuf 2048", true);
}

/* Reads and writes move a random part of what they could. Are the streams the same? */
static void short_io(char *const command[])
{
    enum { SEEDS = 8 };
    struct shim_page *page = behind_count();

    for (int s = 0; services[s]; s++)
        for (int seed = 1; seed <= SEEDS; seed++) {
            char options[60], number[12];

            memset(page, 0, sizeof *page);
            snprintf(options, sizeof options, "-s %s", services[s]);
            snprintf(number, sizeof number, "%d", seed);
            behind_shim("SHIM_SHORT", number);
            serve_party(command, options, false);
            check(page->cut > 20, "only %lu reads and writes were cut", page->cut);
        }
}

/* The wall clock jumps by days, back and forth. Is a silent client closed as if nothing
 * were, not before its time, and is one that speaks never? */
static void wall_clock(char *const command[])
{
    struct server s;
    int silent, speaking;
    double start;

    behind_shim("SHIM_CLOCK", "86400");
    server_start(&s, command, "-i 0.4 -s echo");
    start = guard_now();
    silent = client_open(&s);
    speaking = client_open(&s);
    while (client_look(silent) == CLIENT_QUIET) {
        client_converse(speaking, "tick", 4, CLIENT_STAYS, "tick", 4);
        check(guard_now() < start + guard_seconds(),
              "a silent client is not closed after 0.4 s");
        guard_sleep_until(guard_now() + 0.01);
    }
    check(client_look(silent) == CLIENT_AT_EOF && guard_now() - start > 0.39,
          "a silent client was closed after %.2f s, expected 0.4", guard_now() - start);
    client_converse(speaking, "tock", 4, CLIENT_STAYS, "tock", 4);
    close(silent);
    close(speaking);
    server_stop(&s);
}

/* Shortage and interruption once more by strace, which stands below the C library. */
static void by_strace(char *const command[], const char *calls, const char *how)
{
    char **traced;

    behind_nothing();
    traced = behind_strace(command, calls, how);
    if (!traced)
        check_skip("strace is missing or may not trace; apt-get install strace");
    serve_party(traced, "-s echo --sndbuf 2048", false);
}

static void strace_shortage(char *const command[])
{
    by_strace(command, "accept4", "error=ENFILE:when=3..5");
}

static void strace_interrupted(char *const command[])
{
    by_strace(command, "accept4,recvfrom,sendto,?poll,?select,?pselect6,?epoll_wait",
              "error=EINTR:when=2+2");
}

const struct row kernel_rows[] = {
    { "accept-shortage", shortage },
    { "accept-unwatched", unwatched },
    { "accept-refused", accept_refused },
    { "accept-aborted", aborted },
    { "wait-fails", wait_fails },
    { "limit-lowered", limit_lowered },
    { "interrupted", interrupted },
    { "signal-storm", signal_storm },
    { "short-io", short_io },
    { "wall-clock", wall_clock },
    { "strace-shortage", strace_shortage },
    { "strace-interrupted", strace_interrupted },
    { NULL, NULL }
};
