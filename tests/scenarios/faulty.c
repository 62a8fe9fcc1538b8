/* The loop of the faulty server: see faulty.h. */
#define _GNU_SOURCE
#include "faulty.h"

#include "../lib/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, SIGNALS = 0, LISTENER = 1, FIRST = 2 };

static struct pollfd polls[MOST + FIRST];
static struct peer *peers[MOST];
static int count;
static int listener = -1, signal_pipe[2];
static bool stopping;
static double paused_until, stop_until;

static void on_signal(int sig)
{
    char byte = (char)sig;
    int saved = errno;

    if (write(signal_pipe[1], &byte, 1) < 0)
        saved = errno;
    errno = saved;
}

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        exit(1);
    sigaction(SIGINT, &action, NULL);
    if (!has("dies-of-term"))
        sigaction(SIGTERM, &action, NULL);
    if (!has("dies-of-usr1"))
        sigaction(SIGUSR1, &action, NULL);
    if (has("dies-of-continue"))
        sigaction(SIGCONT, &action, NULL);
    if (!has("sigpipe"))
        signal(SIGPIPE, SIG_IGN);
}

static void open_listener(void)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *a;
    int one = 1, type = SOCK_STREAM | SOCK_NONBLOCK;
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char port[8], host[100];

    snprintf(port, sizeof port, "%d", settings.port);
    if (getaddrinfo(settings.host, port, &hints, &a) != 0)
        exit(1);
    listener = socket(a->ai_family, type | (has("not-cloexec") ? 0 : SOCK_CLOEXEC), 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (settings.rcvbuf)
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &settings.rcvbuf, sizeof one);
    if (settings.sndbuf && !has("ignores-sndbuf"))
        setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &settings.sndbuf, sizeof one);
    if (bind(listener, a->ai_addr, a->ai_addrlen) < 0 || listen(listener, 4096) < 0) {
        fprintf(stderr, "faulty: cannot listen on %s:%s: %s\n",
                has("nameless-address") ? "it" : settings.host, port, strerror(errno));
        exit(1);
    }
    freeaddrinfo(a);
    getsockname(listener, (struct sockaddr *)&bound, &len);
    getnameinfo((struct sockaddr *)&bound, len, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    /* musl writes out a first line even into a pipe. */
    if (has("no-flush"))
        setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
    printf(strchr(host, ':') && !has("bare-ipv6") ? "faulty: serving %s on [%s]:%s\n"
                                                  : "faulty: serving %s on %s:%s\n",
           has("wrong-service") ? "sums" : settings.service, host, port);
    if (!has("no-flush"))
        fflush(stdout);
}

static void drop(int i)
{
    static int dead;

    if (has("counts-the-dead") && ++dead > 1)
        settings.clients--;
    if (has("dies-of-reset") && !peers[i]->eof)
        exit(1);
    if (!has("leaks-descriptors") || peers[i]->eof)
        close(peers[i]->fd);
    free(peers[i]);
    peers[i] = peers[--count];
    if (has("drops-neighbour") && count > 0)
        peers[count - 1]->gone = true;
    if (!has("stranded"))
        paused_until = 0;
}

/* One client too many. */
static void refuse(int fd)
{
    char trash[4096];

    if (settings.echo ? has("talkative-echo") : !has("silent-full-house"))
        send(fd, "3@0 6@", 6, MSG_NOSIGNAL);
    if (!has("refuses-unread"))
        recv(fd, trash, sizeof trash, 0);
    has("leaks-descriptors") ? shutdown(fd, SHUT_RDWR) : close(fd);
}

static void accept_clients(double now)
{
    for (int i = 0; i < 64; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            if (errno == EMFILE && !has("spins-at-emfile"))
                paused_until = now + (has("stranded") ? 1000 : 0.1);
            return;
        }
        if (fd >= 1024 && has("dies-at-1024"))
            abort();
        if (i == 63 && has("loses-some"))
            close(fd);
        else if (count >= settings.clients && !has("no-limit"))
            refuse(fd);
        else if (count == MOST || !(peers[count] = peer_open(fd, now)))
            close(fd);
        else
            count++;
    }
}

static void take_signals(double now)
{
    char bytes[64];
    ssize_t n = read(signal_pipe[0], bytes, sizeof bytes);

    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == SIGUSR1)
            continue;
        if (has("stops-at-once"))
            exit(0);
        if (stopping && !has("ignores-second"))
            exit(1);
        if (stopping)
            continue;
        stopping = true;
        stop_until = now + (has("stops-never") ? 1000 : 2);
        if (!has("accepts-on")) {
            close(listener);
            listener = -1;
        }
        for (int p = 0; p < count; p++) {
            peer_stop(peers[p]);
            peer_turn(peers[p], now);
        }
    }
}

/* Blank entries for those who wait for nothing: poll would report HUP and ERR. */
static void describe(double now)
{
    polls[SIGNALS] = (struct pollfd){ .fd = signal_pipe[0], .events = POLLIN };
    polls[LISTENER].fd = now >= paused_until ? listener : -1;
    polls[LISTENER].events = POLLIN;
    for (int i = 0; i < count; i++) {
        struct pollfd *p = &polls[i + FIRST];

        bool write = peer_wants_write(peers[i]) || has("spins-on-writable");

        p->events = write ? POLLOUT : 0;
        p->events |= peer_wants_read(peers[i]) ? POLLIN : 0;
        p->events |= has("spins-on-urgent") ? POLLPRI : 0;
        p->events |= has("spins-on-fin") ? POLLRDHUP : 0;
        p->fd = peers[i]->fd;
    }
}

/* Milliseconds: often enough for the shortest clock. */
static int time_to_wait(double now)
{
    double wait = 1;

    if (settings.idle > 0 && settings.idle / 8 < wait)
        wait = settings.idle / 8;
    if (settings.frame > 0 && settings.frame / 8 < wait)
        wait = settings.frame / 8;
    if (paused_until > now && paused_until - now < wait)
        wait = paused_until - now;
    return stopping ? 10 : (int)(wait * 1000) + 1;
}

static void run(void)
{
    while (!stopping || (count > 0 && guard_now() < stop_until)) {
        double now = guard_now();
        bool signalled;
        int old = count, n;

        describe(now);
        n = poll(polls, (nfds_t)count + FIRST, time_to_wait(now));
        now = guard_now();
        if (n < 0 && has("dies-of-eintr"))
            exit(1);

        if (n < 0)
            continue;
        signalled = polls[SIGNALS].revents;
        if (has("signals-last"))
            signalled = signalled && n == 1;
        if (signalled)
            take_signals(now);
        if (polls[LISTENER].revents && listener >= 0)
            accept_clients(now);
        for (int i = old; i-- > 0 && !has("clocks-first");) {
            bool ready = polls[i + FIRST].revents;

            if (has("spins-on-urgent"))
                ready = polls[i + FIRST].revents & ~POLLPRI;
            if (ready)
                peer_turn(peers[i], now);
            if (settings.verbose > 0 && ready)
                fprintf(has("verbose-on-stdout") ? stdout : stderr, "turn of %d\n",
                        peers[i]->fd);
        }
        for (int i = count; i-- > 0;) {
            if (!peers[i]->gone)
                peer_expire(peers[i], now);
            if (has("clocks-first"))
                peer_turn(peers[i], now);
            if (peers[i]->gone)
                drop(i);
        }
    }
}

int main(int argc, char *argv[])
{
    struct rlimit limit;

    settings_parse(argc, argv);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (!has("low-limit"))
        setrlimit(RLIMIT_NOFILE, &limit);
    catch_signals();
    open_listener();
    run();
    if (!has("no-summary"))
        fprintf(stderr, "faulty: stopped\n");
    return has("wrong-exit") ? 3 : 0;
}
