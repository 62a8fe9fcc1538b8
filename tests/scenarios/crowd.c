/* Crowds: is nobody skipped, lost or mixed up among many? */
#define _GNU_SOURCE
#include "scenario.h"

#include "../lib/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As many descriptors as we may have; returns how many clients that allows. */
static int raise_limit(void)
{
    long most = command_descriptors();

    return most > 100100 ? 100000 : (int)most - 100;
}

/* Every client asks its own sum, all at once; then all replies are read. */
static void ask_all(const int fds[], int n)
{
    char text[100];

    for (int i = 0; i < n; i++)
        if (fds[i] >= 0) {
            snprintf(text, sizeof text, "15@%5d + 1000000@", i);
            for (char *c = text + 3; *c == ' '; c++)
                *c = '0';
            client_say(fds[i], text);
        }
    for (int i = 0; i < n; i++)
        if (fds[i] >= 0) {
            snprintf(text, sizeof text, "9@%d 0@", 1000000 + i);
            client_hear(fds[i], text);
        }
}

SCENARIO(every_second, "crowd/every-second", "calc", "",
    "When every second of 500 clients closes at once, is every other one's request of "
    "the same moment answered, and each with its own sum?")
{
    enum { N = 500 };
    int fds[N], before;

    before = server_descriptors(s);
    for (int i = 0; i < N; i++)
        fds[i] = client_open(s);
    ask_all(fds, N);
    for (int round = 0; round < 2; round++) {
        int step = round ? 4 : 2;

        server_signal(s, SIGSTOP);
        for (int i = 0; i < N; i++)
            if (fds[i] >= 0 && i % step == step / 2) {
                round ? client_reset(fds[i]) : (void)close(fds[i]);
                fds[i] = -1;
            } else if (fds[i] >= 0) {
                client_say(fds[i], "9@10 + 1234@");
            }
        server_signal(s, SIGCONT);
        for (int i = 0; i < N; i++)
            if (fds[i] >= 0)
                client_hear(fds[i], "6@1244 0@");
        ask_all(fds, N);
        server_expect_descriptors(s, before + N / step);
    }
    for (int i = 0; i < N; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

SCENARIO(churn, "crowd/churn", "calc", "",
    "Do 3,000 connections, closed by FIN, by reset, or left to the server to close, "
    "leave descriptors and memory as they were?")
{
    struct bystander b;
    int descriptors;
    long memory = 0;

    bystander_start(&b, s);
    descriptors = server_descriptors(s);
    for (int i = 0; i < 3000; i++) {
        int fd = client_open(s);

        if (i % 3 == 0)
            client_ask(fd);
        if (i % 5 == 0)
            client_reset(fd);
        else
            close(fd);
        if (i == 500) {
            server_expect_descriptors(s, descriptors);
            memory = server_memory(s);
        }
    }
    server_expect_descriptors(s, descriptors);
    if (!server_is_sanitized(s))
        check(server_memory(s) <= memory + 512, "the memory grew from %ld to %ld KiB",
              memory, server_memory(s));
    bystander_expect_well(&b, 20);
}

SCENARIO(reused, "crowd/reused", "calc", "-i 5",
    "Is a client that gets the descriptor number of one just closed taken for that one? "
    "Ten go and ten come in one turn.")
{
    int fds[20], before;

    before = server_descriptors(s);
    for (int i = 0; i < 20; i++)
        client_ask(fds[i] = client_open(s));
    for (int round = 0; round < 20; round++) {
        server_signal(s, SIGSTOP);
        for (int i = 0; i < 20; i += 2) {
            client_say(fds[i], "9@10 + ");
            client_reset(fds[i]);
            fds[i] = client_open(s);
        }
        server_signal(s, SIGCONT);
        ask_all(fds, 20);
        server_expect_descriptors(s, before + 20);
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
}

/* Connects without waiting. */
static int connect_later(const struct server *s)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(s->address.ss_family, type, 0);

    check(fd >= 0, "socket: %s", strerror(errno));
    if (connect(fd, (const struct sockaddr *)&s->address, s->address_len) < 0)
        check(errno == EINPROGRESS, "connect: %s", strerror(errno));
    return fd;
}

/* Expects a reply, or the refusal where the mechanism allows no more clients. */
static bool is_served(int fd)
{
    char got[16] = "";
    size_t n = 0;
    struct pollfd p = { .fd = fd, .events = POLLIN };

    /* A handshake that the full backlog cut short is resumed after 1, 3, 7 or 15 s, and a
     * request that was sent meanwhile after 3, 9 or 21 s: seen in /proc/net/tcp. */
    while (n < 9 && poll(&p, 1, (int)(4 * GUARD * 1000)) > 0) {
        ssize_t more = recv(fd, got + n, 9 - n, 0);

        if (more <= 0)
            break;
        n += (size_t)more;
    }
    if (n == 9 && !memcmp(got, "6@1244 0@", 9))
        return true;
    check(n == 6 && !memcmp(got, "3@0 6@", 6),
          "expected a reply or the refusal of a full house, got %zu bytes: \"%s\"", n,
          got);
    return false;
}

/* Does the server say that it cannot have as many clients as -c asked for? */
static bool is_clamped(struct server *s)
{
    char *said = server_stderr(s);
    bool clamped = *said != '\0';

    free(said);
    return clamped;
}

SCENARIO(backlog_overflow, "crowd/backlog-overflow", "calc", NULL,
    "When more clients connect than the backlog holds, while the server stands still, "
    "are they late but not lost?")
{
    enum { N = 4200 };
    static struct pollfd polls[N];
    double end = guard_end();
    int connected = 0, served = 0;

    if (raise_limit() < N)
        check_skip("this needs a hard RLIMIT_NOFILE of %d; raise it with ulimit -Hn",
                   N + 100);
    server_start(s, s->command, "-c 5000");
    server_signal(s, SIGSTOP);
    for (int i = 0; i < N; i++)
        polls[i] = (struct pollfd){ .fd = connect_later(s), .events = POLLOUT };
    for (bool stopped = true; connected < N; stopped = false) {
        poll(polls, N, stopped ? 0 : 100);
        for (int i = 0; i < N; i++)
            if (polls[i].fd >= 0 && polls[i].revents & POLLOUT && polls[i].events) {
                client_say(polls[i].fd, "9@10 + 1234@");
                polls[i].events = 0;
                connected++;
            }
        if (stopped)
            server_signal(s, SIGCONT);
        check(guard_now() < end, "only %d of %d clients could connect", connected, N);
    }
    for (int i = 0; i < N; i++) {
        served += is_served(polls[i].fd);
        close(polls[i].fd);
    }
    check(served == N || is_clamped(s), "%d of %d clients were refused, unclamped",
          N - served, N);
}

SCENARIO(thousands_idle, "crowd/thousands-idle", "calc", NULL,
    "Are 15,000 idle clients (fewer where RLIMIT_NOFILE allows no more) all served when "
    "they speak, at last all at once? A server that is clamped refuses the rest.")
{
    static int fds[15000];
    const int allowed = raise_limit(), n = allowed < 15000 ? allowed : 15000;
    int served = 0;

    if (n < 2000)
        check_skip("needs a hard RLIMIT_NOFILE of 2,100; raise it with ulimit -Hn");
    if (n < 15000)
        printf("only %d idle clients: RLIMIT_NOFILE allows no more\n", n);
    server_start(s, s->command, "-c 15000");
    for (int i = 0; i < n; i++) {
        fds[i] = connect_later(s);
        if (i % 100 == 99) /* no more at once than the smallest backlog (somaxconn) holds */
            server_settle(s);
    }
    for (int i = 0; i < n; i++) {
        struct pollfd p = { .fd = fds[i], .events = POLLOUT };

        check(poll(&p, 1, (int)(GUARD * 1000)) > 0, "client %d could not connect", i);
        send(fds[i], "9@10 + 1234@", 12, MSG_NOSIGNAL);
    }
    for (int i = 0; i < n; i++)
        if (is_served(fds[i])) {
            served++;
        } else {
            close(fds[i]);
            fds[i] = -1;
        }
    check(served == n || is_clamped(s), "%d of %d clients were refused, unclamped",
          n - served, n);
    check(served >= 500, "only %d clients were served", served);
    server_expect_calm(s, 0.2);
    ask_all(fds, n);
    for (int i = 0; i < n; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

scenario_list crowd_scenarios = {
    &every_second, &churn, &reused, &backlog_overflow, &thousands_idle, NULL
};
