/* threads - what can go wrong only where several threads serve.
 *
 *     $ build/tests/threads build/dispatch_server --threads 2
 *     ok threads/dispatch_server/handed-to-a-slow-worker
 *     ...
 *
 * The server needs --work, so that a worker can be kept busy: one client's requests, sent
 * in one piece, are one turn.  A server of one thread has nothing to hand over and passes no
 * such test, so these are not scenarios.  Exit: 0 when all is well, 1 after a FAIL.
 */
#define _GNU_SOURCE
#include "waits.h"

#include "../faults/behind.h"
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SLOW = 400,         /* requests in one turn: at 1000 us of work each, 0.4 s */
    HANDED = 20,        /* clients that come meanwhile */
    CROWDED = 300,      /* more than one mailbox holds (MAILBOX_ROOM) */
    POINTS = 60         /* in time, at which a server is stopped */
};

static const char request[] = "9@10 + 1234@", reply[] = "6@1244 0@";
enum { REQUEST = sizeof request - 1, REPLY = sizeof reply - 1 };

/* Sends so many requests in one piece: one turn of the worker that serves this client. */
static int keep_busy(const struct server *s, int requests)
{
    char *all = malloc((size_t)requests * REQUEST);
    int fd = client_open(s);

    for (int i = 0; i < requests; i++)
        memcpy(all + i * REQUEST, request, REQUEST);
    client_ask(fd);
    client_send(fd, all, (size_t)requests * REQUEST);
    free(all);
    return fd;
}

static void hear_replies(int fd, int count)
{
    for (int i = 0; i < count; i++)
        client_expect(fd, reply, REPLY);
}

/* Connects clients that ask one sum each. */
static void come(const struct server *s, int fds[], int count)
{
    for (int i = 0; i < count; i++) {
        fds[i] = client_open(s);
        client_send(fds[i], request, REQUEST);
    }
}

static void expect_exit(struct server *s)
{
    int status = server_wait(s);

    check(status == 0, "expected exit 0, got %d", status);
}

/* Are clients that were handed to a worker in a long turn answered, though the stop reaches
 * it before it has taken them? */
static void handed_to_slow(char *const command[])
{
    struct server s;
    int busy, fds[HANDED], before;

    server_start(&s, command, "--work 1000");
    before = server_descriptors(&s);
    busy = keep_busy(&s, SLOW);
    come(&s, fds, HANDED);
    server_expect_descriptors(&s, before + 1 + HANDED);
    server_signal(&s, SIGTERM);
    hear_replies(busy, SLOW);
    for (int i = 0; i < HANDED; i++) {
        client_expect(fds[i], reply, REPLY);
        client_expect_eof(fds[i]);
        close(fds[i]);
    }
    close(busy);
    expect_exit(&s);
}

/* Wherever between hand-over and service the stop falls: does each client get its whole
 * reply or nothing, and does the server end? */
static void stop_at_every_point(char *const command[])
{
    for (int point = 0; point < POINTS; point++) {
        char got[100];
        struct server s;
        int fds[HANDED];
        double moment;
        bool sanitized;

        check_about("point %d: ", point);
        server_start(&s, command, "");
        sanitized = server_is_sanitized(&s);
        server_signal(&s, SIGSTOP);
        come(&s, fds, HANDED);
        server_signal(&s, SIGCONT);
        for (moment = guard_now() + point * 20e-6; guard_now() < moment; )
            continue;
        server_signal(&s, SIGTERM);
        for (int i = 0; i < HANDED; i++) {
            ssize_t n, size = 0;

            do {
                /* ThreadSanitizer now and then loses a signal: of epoll_lt_server, too. */
                if (sanitized && client_wait(fds[i], guard_now() + 2) == CLIENT_QUIET)
                    server_signal(&s, SIGTERM);
                check(client_wait(fds[i], guard_end()) != CLIENT_QUIET, "no end");
                n = read(fds[i], got + size, sizeof got - (size_t)size);
                size += n > 0 ? n : 0;
            } while (n > 0);
            check(size == 0 || (size == REPLY && memcmp(got, reply, REPLY) == 0),
                  "%zd bytes of a reply", size);
            close(fds[i]);
        }
        expect_exit(&s);
    }
}

/* When every mailbox is full, do the others wait in the backlog, without a spin, and are all
 * served in the end? */
static void full_mailbox(char *const command[])
{
    struct server s;
    int busy[7], fds[CROWDED], before, most;

    server_start(&s, command, "--threads 1 --work 1000");
    before = server_descriptors(&s);
    busy[0] = keep_busy(&s, 2 * SLOW);
    come(&s, fds, CROWDED);
    server_settle(&s);
    most = server_descriptors(&s) - before;
    check(most < CROWDED, "%d clients were accepted while their worker was busy", most);
    hear_replies(busy[0], 2 * SLOW);
    for (int i = 0; i < CROWDED; i++) {
        client_expect(fds[i], reply, REPLY);
        close(fds[i]);
    }
    close(busy[0]);
    server_stop(&s);
}

static long figure(const char *table, const char *name)
{
    const char *at = strstr(table, name);

    check(at != NULL, "no %s in %s", name, table);
    return atol(at + strlen(name));
}

/* At rest, is the sum of the ledgers exact: on SIGUSR1, and at the end? */
static void exact_sum(char *const command[])
{
    struct server s;
    int fds[HANDED];
    char *text, *last;

    server_start(&s, command, "-l -");
    for (int i = 0; i < HANDED; i++)
        fds[i] = client_open(&s);
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < HANDED; i++)
            client_ask(fds[i]);
    server_settle(&s);
    server_signal(&s, SIGUSR1);
    for (double end = guard_end(); ; guard_pause(end, "the table")) {
        text = server_stderr(&s);
        if (strstr(text, "would_block"))
            break;
        free(text);
    }
    check(figure(text, "  requests ") == 3 * HANDED && figure(text, "  now ") == HANDED
          && figure(text, "  peak ") == HANDED && figure(text, "  accepted ") == HANDED,
          "expected %d requests of %d clients, got %s", 3 * HANDED, HANDED, text);
    free(text);
    for (int i = 0; i < HANDED; i++)
        close(fds[i]);
    server_signal(&s, SIGTERM);
    expect_exit(&s);
    last = server_stdout(&s);
    check(figure(last, "\"requests\":") == 3 * HANDED && figure(last, "\"now\":") == 0
          && figure(last, "\"accepted\":") == HANDED
          && figure(last, "\"bytes_in\":") == 3 * HANDED * REQUEST
          && figure(last, "\"bytes_out\":") == 3 * HANDED * REPLY,
          "expected %d requests at the end, got %s", 3 * HANDED, last);
    free(last);
}

/* The ledger in the browser is that of the thread which answers: does it say so? */
static void browser_ledger(char *const command[])
{
    static const char get[] = "GET /ledger.json HTTP/1.0\r\n\r\n";
    struct server s;
    char got[5000];
    int fd, size = 0;
    ssize_t n;

    server_start(&s, command, "-s http");
    client_send(fd = client_open(&s), get, sizeof get - 1);
    while (client_wait(fd, guard_end()) == CLIENT_HAS_BYTES
           && (n = read(fd, got + size, sizeof got - 1 - (size_t)size)) > 0)
        size += (int)n;
    got[size] = '\0';
    check(strstr(got, " worker 1\"") != NULL || strstr(got, " net thread 1\"") != NULL,
          "expected a ledger with the name of a thread, got %s", got);
    close(fd);
    server_stop(&s);
}

static pid_t start_storm(const struct server *s, int signals)
{
    pid_t storm = fork();

    if (storm == 0) {
        for (int i = 0; i < signals; i++) {
            kill(s->pid, SIGUSR1);
            usleep(200);
        }
        _exit(0);
    }
    check(storm > 0, "fork failed");
    return storm;
}

/* A storm of SIGUSR1 while a worker is slow, and while the server stops: is everybody served,
 * does it end in time, and is the last table the whole sum? */
static void storm(char *const command[])
{
    struct server s;
    int busy, stubborn, fds[HANDED];
    pid_t pid;
    char *text, *last, *next;

    server_start(&s, command, "--work 1000");
    client_ask(stubborn = client_open(&s));    /* never closes: the stop takes its 2 s */
    busy = keep_busy(&s, SLOW);
    pid = start_storm(&s, 5000);
    come(&s, fds, HANDED);
    for (int i = 0; i < HANDED; i++) {
        client_expect(fds[i], reply, REPLY);
        close(fds[i]);
    }
    hear_replies(busy, SLOW);
    close(busy);
    server_signal(&s, SIGTERM);
    expect_exit(&s);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    text = server_stderr(&s);
    for (last = text; (next = strstr(last + 1, "), serving ")) != NULL; )
        last = next;
    check(figure(last, "  requests ") == HANDED + SLOW + 2, "the last table is %s", last);
    free(text);
    close(stubborn);
}

/* The server's eventfds, as descriptors of ours. */
static int take_eventfds(const struct server *s, int fds[], int room)
{
    int pid_fd = (int)syscall(SYS_pidfd_open, s->pid, 0), count = 0;
    char path[64], to[64];

    for (int fd = 0; pid_fd >= 0 && fd < 100 && count < room; fd++) {
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)s->pid, fd);
        n = readlink(path, to, sizeof to - 1);
        to[n > 0 ? n : 0] = '\0';
        if (strstr(to, "[eventfd]") != NULL
            && (fds[count] = (int)syscall(SYS_pidfd_getfd, pid_fd, fd, 0)) >= 0)
            count++;
    }
    return count;
}

/* While somebody keeps the eventfds' counters full, so that a write would block, is every
 * client handed over all the same? */
static void full_counter(char *const command[])
{
    const uint64_t most = UINT64_MAX - 1;
    struct server s;
    int fds[64], count;
    pid_t filler;

    server_start(&s, command, "");
    count = take_eventfds(&s, fds, 64);
    if (count == 0)
        check_skip("the eventfds of another process are not to be had here (pidfd_getfd)");
    if ((filler = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            for (int i = 0; i < count; i++)
                if (write(fds[i], &most, sizeof most) < 0)
                    continue;    /* it is full: as it should be */
    }
    for (int i = 0; i < CROWDED; i++) {
        int fd = client_open(&s);

        client_ask(fd);
        close(fd);
    }
    kill(filler, SIGKILL);
    waitpid(filler, NULL, 0);
    server_stop(&s);
}

static const struct {
    const char *name;
    void (*run)(char *const command[]);
    const char *server;    /* that it asks, if not each */
} tests[] = {
    { "handed-to-a-slow-worker", handed_to_slow, NULL },
    { "stop-at-every-point", stop_at_every_point, NULL },
    { "full-mailbox", full_mailbox, NULL },
    { "exact-sum", exact_sum, NULL },
    { "browser-ledger", browser_ledger, NULL },
    { "full-counter", full_counter, NULL },
    { "storm", storm, NULL },
    { "worker-wait-fails", worker_wait_fails, NULL },
    { "acceptor-wait-fails", acceptor_wait_fails, "accept_server" }
};

static char **command;
static int chosen;

static void run(void *unused)
{
    (void)unused;
    tests[chosen].run(command);
}

int main(int argc, char *argv[])
{
    bool failed = false, any = false;
    const char *slash, *only = getenv("ONLY");
    char name[200];

    if (argc < 2) {
        fputs("usage: [ONLY=NAME] threads SERVER-COMMAND [ARG...]\n", stderr);
        return 2;
    }
    behind_find(argv[0]);
    command = argv + 1;
    slash = strrchr(command[0], '/');
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if ((only != NULL && strcmp(only, tests[i].name) != 0)
            || (tests[i].server != NULL && strstr(command[0], tests[i].server) == NULL))
            continue;
        any = true;
        chosen = (int)i;
        snprintf(name, sizeof name, "threads/%s/%s", slash ? slash + 1 : command[0],
                 tests[i].name);
        check_start(name, 60, run, NULL);
        failed |= check_reap() == CHECK_FAIL;
    }
    return failed || !any;
}
