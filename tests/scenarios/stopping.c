/* SIGINT and SIGTERM: does the server stop in time, and who gets what before that? */
#define _GNU_SOURCE
#include "scenario.h"

#include "../lib/oracle.h"


#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The 2 s within which all must end, and what a loaded machine may add. */
#define STOP_LIMIT (2.0 + 3.0)

/* How many lines the server wrote to stderr. */
static int stderr_lines(struct server *s)
{
    char *text = server_stderr(s);
    int lines = 0;

    for (char *c = text; *c; c++)
        lines += *c == '\n';
    free(text);
    return lines;
}

static void expect_exit(struct server *s, int want)
{
    int status = server_wait(s);

    check(status == want, "expected exit %d, but the server %s", want,
          server_tell_end(status));
}

SCENARIO(idle, "stopping/idle", "calc", NULL,
    "Does an idle server end at once with exit 0, on SIGINT as on SIGTERM, and say one "
    "line of summary, nothing more on stdout?")
{
    static const int signals[] = { SIGINT, SIGTERM };

    for (int i = 0; i < 2; i++) {
        char *out;
        int fd;

        server_start(s, s->command, "");
        client_ask(fd = client_open(s));
        close(fd);
        server_signal(s, signals[i]);
        expect_exit(s, 0);
        check(stderr_lines(s) == 1,
              "expected one summary line on stderr, got %d lines", stderr_lines(s));
        out = server_stdout(s);
        check(!*out, "expected nothing but the banner on stdout, got also: %s", out);
        free(out);
    }
}

SCENARIO(owed, "stopping/owed", "calc", "",
    "Are requests that lie in the sockets of accepted clients when the signal comes all "
    "answered, then EOF?")
{
    struct script t = { 0 };
    int fds[10];

    script_add_sums(&t, 2000);
    script_ready(&t, CLIENT_IS_LEFT);
    for (int i = 0; i < 10; i++)
        client_ask(fds[i] = client_open(s));
    server_signal(s, SIGSTOP);
    for (int i = 0; i < 10; i++)
        client_send(fds[i], t.bytes, t.len);
    server_signal(s, SIGTERM);
    server_signal(s, SIGCONT);
    for (int i = 0; i < 10; i++)
        script_play_rest(&t, t.len, fds[i]);
    expect_exit(s, 0);
    script_free(&t);
}

SCENARIO(owed_slowly, "stopping/owed-slowly", "calc", "--sndbuf 4096",
    "Are requests that wait behind output which a slow reader has yet to take still "
    "answered after the signal?")
{
    const struct client_setup small = { .rcvbuf = 4096 };
    struct script t = { 0 };
    int fd, on_the_way = 1;

    script_add_sums(&t, 2500);
    script_ready(&t, CLIENT_IS_LEFT);
    client_ask(fd = client_open_with(s, &small));
    client_send(fd, t.bytes, t.len);
    for (double end = guard_end(); on_the_way; guard_pause(end, "the last byte"))
        ioctl(fd, TIOCOUTQ, &on_the_way);
    server_signal(s, SIGTERM);
    script_play_rest(&t, t.len, fd);
    expect_exit(s, 0);
    script_free(&t);
}

SCENARIO(on_their_way, "stopping/on-their-way", "calc", "--sndbuf 4096 --rcvbuf 4096",
    "When more requests are on their way than the server has received, are those that "
    "it has received all answered, each answer whole, and then EOF, not a reset?")
{
    const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
    struct script t = { 0 };
    size_t sent, least, got = 0;
    int fd, on_the_way = 0;
    ssize_t n = 1;
    char *bytes;
    bool closes;

    script_add_sums(&t, 10000); /* each reply is of 12 bytes */
    script_ready(&t, CLIENT_IS_LEFT);
    bytes = malloc(2 * t.len + 500);
    check(bytes != NULL, "no memory");
    client_ask(fd = client_open_with(s, &small));
    sent = client_push(fd, t.bytes, t.len, s);
    for (int i = 0; i < 10; i++, server_settle(s))
        ioctl(fd, TIOCOUTQ, &on_the_way);
    least = oracle_stream(t.bytes, sent - (size_t)on_the_way, false, bytes, &closes);
    server_signal(s, SIGTERM);
    while (n > 0) {
        check(client_wait(fd, guard_end()) != CLIENT_QUIET, "neither replies nor EOF");
        if ((n = recv(fd, bytes + got, 500, 0)) > 0)
            got += (size_t)n;
        server_settle(s); /* a server that leaves too early shall do it now */
    }
    check(n == 0, "expected EOF after %zu bytes of replies: %s", got, strerror(errno));
    check_bytes("replies", t.replies, got, bytes, got);
    check(got % 12 == 0, "a reply was cut short, after %zu bytes", got);
    check(got >= least, "expected %zu bytes of replies at least, got %zu", least,
          got);
    close(fd);
    expect_exit(s, 0);
    free(bytes);
    script_free(&t);
}

SCENARIO(unfinished, "stopping/unfinished", "calc", "",
    "Is an unfinished request dropped without a word, what was before it answered?")
{
    int fds[2];

    client_ask(fds[0] = client_open(s));
    client_ask(fds[1] = client_open(s));
    client_say(fds[0], "9@10 + ");
    server_settle(s);
    server_signal(s, SIGSTOP);
    client_say(fds[1], "9@10 + 1234@9@10 + ");
    server_signal(s, SIGTERM);
    server_signal(s, SIGCONT);
    client_expect_eof(fds[0]);
    client_converse(fds[1], "", 0, CLIENT_IS_LEFT, "6@1244 0@", 9);
    close(fds[0]);
    close(fds[1]);
    expect_exit(s, 0);
}

SCENARIO(no_more, "stopping/no-more", "calc", "",
    "Is nobody let in any more? Connecting during the stop draws a refusal or a reset, "
    "never a reply; a client that waited in the backlog gets a whole reply or none.")
{
    int held, waiting, late;

    client_ask(held = client_open(s));
    server_signal(s, SIGSTOP);
    waiting = client_open(s);
    client_say(waiting, "9@10 + 1234@");
    server_signal(s, SIGTERM);
    server_signal(s, SIGCONT);
    check(client_wait(held, guard_end()) == CLIENT_AT_EOF, "expected EOF on SIGTERM");
    if ((late = client_try(s, NULL)) >= 0) {
        send(late, "9@10 + 1234@", 12, MSG_NOSIGNAL);
        check(client_wait(late, guard_end()) != CLIENT_HAS_BYTES,
              "a client that came after SIGTERM was served");
        close(late);
    }
    if (client_wait(waiting, guard_end()) == CLIENT_HAS_BYTES)
        client_converse(waiting, "", 0, CLIENT_IS_LEFT, "6@1244 0@", 9);
    close(waiting);
    close(held);
    expect_exit(s, 0);
}

SCENARIO(stubborn_peers, "stopping/stubborn-peers", "calc", "--sndbuf 4096",
    "Does a peer that never closes, or one that never reads what it is owed, hold the "
    "server for 2 s at most?")
{
    const struct client_setup small = { .rcvbuf = 4096 };
    struct script t = { 0 };
    int silent, deaf;
    double start, took;

    script_add_sums(&t, 100000);
    client_ask(silent = client_open(s));
    client_ask(deaf = client_open_with(s, &small));
    client_push(deaf, t.bytes, t.len, s);
    start = guard_now();
    server_signal(s, SIGTERM);
    expect_exit(s, 0);
    took = guard_now() - start;
    check(took < STOP_LIMIT, "expected an end within about 2 s, it took %.1f s", took);
    close(silent);
    close(deaf);
    script_free(&t);
}

SCENARIO(second_signal, "stopping/second-signal", "calc", NULL,
    "Does a second signal end it at once, with exit 1?")
{
    static const int signals[] = { SIGINT, SIGTERM };

    for (int i = 0; i < 2; i++) {
        int fd;

        server_start(s, s->command, "");
        client_ask(fd = client_open(s));
        server_signal(s, signals[i]);
        check(client_wait(fd, guard_end()) == CLIENT_AT_EOF, "expected EOF");
        server_signal(s, signals[1 - i]);
        expect_exit(s, 1);
        close(fd);
    }
}

/* A client that sends and reads without a pause until it is closed. */
static void start_flooder(const struct server *s, const struct script *t)
{
    int fd = client_open(s);
    pid_t pid = fork();

    check(pid >= 0, "fork: %s", strerror(errno));
    if (pid > 0) {
        close(fd);
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        static char trash[65536];
        ssize_t n = send(fd, t->bytes, t->len, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN)
            _exit(0);
        n = recv(fd, trash, sizeof trash, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            _exit(0);
    }
}

SCENARIO(under_flood, "stopping/under-flood", "calc", "",
    "Is the signal noticed while three clients flood? A fourth, to which nothing is "
    "owed, gets its EOF soon, and the server ends within its 2 s.")
{
    struct script t = { 0 };
    double start, noticed, took;
    int idle_one;

    for (int i = 0; i < 1000; i++)
        script_add_text(&t, "5@1 + 1@");
    client_ask(idle_one = client_open(s));
    for (int i = 0; i < 3; i++)
        start_flooder(s, &t);
    for (int i = 0; i < 20; i++)
        client_ask(idle_one); /* by then the flood is in full swing */
    start = guard_now();
    server_signal(s, SIGTERM);
    check(client_wait(idle_one, guard_end()) == CLIENT_AT_EOF, "expected EOF");
    noticed = guard_now() - start;
    check(noticed < 1.0, "SIGTERM was noticed after %.2f s, expected 0.1 s", noticed);
    close(idle_one);
    expect_exit(s, 0);
    took = guard_now() - start;
    check(took < STOP_LIMIT, "expected an end within about 2 s, it took %.1f s", took);
    while (wait(NULL) > 0)
        ;
    script_free(&t);
}

SCENARIO(echo_owed, "stopping/echo-owed", "echo", "-s echo",
    "Does `echo` return what it holds before it stops?")
{
    static char bytes[50000];
    int fd;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    client_converse(fd = client_open(s), "a", 1, CLIENT_STAYS, "a", 1);
    server_signal(s, SIGSTOP);
    client_send(fd, bytes, sizeof bytes);
    server_signal(s, SIGTERM);
    server_signal(s, SIGCONT);
    client_converse(fd, "", 0, CLIENT_IS_LEFT, bytes, sizeof bytes);
    close(fd);
    expect_exit(s, 0);
}

scenario_list stopping_scenarios = {
    &idle, &owed, &owed_slowly, &on_their_way, &unfinished, &no_more,
    &stubborn_peers, &second_signal, &under_flood, &echo_owed, NULL
};
