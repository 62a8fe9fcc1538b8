/* chat - a right server for sheet 8, with the mechanism of choice; the teacher's reference.
 *
 *     chat select|poll|epoll PORT
 *
 * A line from one client goes to every client, the speaker too. Each client has a buffer for
 * the lines that its socket did not take. If that buffer is full, the client is dropped:
 * the room does not wait for it, and the memory is bounded.
 *
 * The three mechanisms differ in one function, the wait. Each builds what it tells the
 * kernel from the table of clients, in every turn. That is simple, and costs time for each
 * idle client, with epoll too; the four servers do better. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MOST = 4096, LINE_MOST = 4096, HELD_MOST = 256 * 1024, PAUSE_MS = 100 };

/* The place in the table is the descriptor. */
struct client {
    bool here, gone;    /* gone: to be closed at the end of this turn */
    short wants, ready; /* POLLIN, POLLOUT */
    short told;         /* what epoll was told */
    char in[LINE_MOST]; /* a line that has begun */
    size_t in_len;
    char *out;          /* lines that the socket did not take yet */
    size_t out_len;
};

static struct client clients[CLIENTS_MOST];
static int listener, highest;
static int fd_limit = CLIENTS_MOST;
static bool paused; /* no descriptor is left: the listener is not watched for a while */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void wait_select(int timeout_ms)
{
    struct timeval timeout = { .tv_usec = timeout_ms * 1000 };
    fd_set in, out;
    int n;

    FD_ZERO(&in);
    FD_ZERO(&out);
    for (int fd = 0; fd <= highest; fd++) {
        if (clients[fd].wants & POLLIN)
            FD_SET(fd, &in);
        if (clients[fd].wants & POLLOUT)
            FD_SET(fd, &out);
    }
    n = select(highest + 1, &in, &out, NULL, timeout_ms < 0 ? NULL : &timeout);
    if (n < 0 && errno != EINTR)
        die("select");
    for (int fd = 0; n > 0 && fd <= highest; fd++)
        clients[fd].ready = (short)((FD_ISSET(fd, &in) ? POLLIN : 0)
                                    | (FD_ISSET(fd, &out) ? POLLOUT : 0));
}

static void wait_poll(int timeout_ms)
{
    static struct pollfd polled[CLIENTS_MOST];
    nfds_t count = 0;
    int n;

    for (int fd = 0; fd <= highest; fd++)
        if (clients[fd].here)
            polled[count++] = (struct pollfd){ .fd = fd, .events = clients[fd].wants };
    n = poll(polled, count, timeout_ms);
    if (n < 0 && errno != EINTR)
        die("poll");
    for (nfds_t i = 0; n > 0 && i < count; i++)
        clients[polled[i].fd].ready = polled[i].revents;
}

/* The values of POLLIN and EPOLLIN are the same on Linux; so are those of OUT, ERR, HUP. */
static void wait_epoll(int timeout_ms)
{
    static struct epoll_event events[CLIENTS_MOST];
    static int epoll_fd = -1;
    int n;

    if (epoll_fd < 0 && (epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        die("epoll_create1");
    for (int fd = 0; fd <= highest; fd++) {
        struct client *c = &clients[fd];
        struct epoll_event event = { .events = (uint32_t)c->wants, .data.fd = fd };

        if (!c->here || c->told == c->wants)
            continue;
        if (epoll_ctl(epoll_fd, c->told < 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0)
            die("epoll_ctl");
        c->told = c->wants;
    }
    n = epoll_wait(epoll_fd, events, CLIENTS_MOST, timeout_ms);
    if (n < 0 && errno != EINTR)
        die("epoll_wait");
    for (int i = 0; i < n; i++)
        clients[events[i].data.fd].ready = (short)events[i].events;
}

static void enter(int fd)
{
    clients[fd] = (struct client){ .here = true, .wants = POLLIN, .told = -1 };
    if (fd > highest)
        highest = fd;
}

/* One client a turn: the wait tells again of those that are left. */
static void let_in(void)
{
    int fd = accept(listener, NULL, NULL), on = 1;

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
            paused = true;
        return;
    }
    if (fd >= fd_limit) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    enter(fd);
    if (!(clients[fd].out = malloc(HELD_MOST)))
        clients[fd].gone = true;
}

static void leave(int fd)
{
    close(fd); /* epoll forgets it, too: there is no copy of the descriptor */
    free(clients[fd].out);
    clients[fd] = (struct client){ 0 };
    while (highest > 0 && !clients[highest].here)
        highest--;
}

/* Puts the line into everybody's buffer; who has no room is too far behind. */
static void tell_all(const char *line, size_t len)
{
    for (int fd = 0; fd <= highest; fd++) {
        struct client *c = &clients[fd];

        if (!c->here || c->gone || fd == listener)
            continue;
        if (c->out_len + len > HELD_MOST) {
            c->gone = true;
            continue;
        }
        memcpy(c->out + c->out_len, line, len);
        c->out_len += len;
    }
}

/* Reads once, and tells all the whole lines; half a line waits for its other half. */
static void hear(int fd)
{
    struct client *c = &clients[fd];
    ssize_t n = recv(fd, c->in + c->in_len, LINE_MOST - c->in_len, MSG_DONTWAIT);
    char *at = c->in, *lf;
    size_t left;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        c->gone = true;
        return;
    }
    left = c->in_len + (size_t)n;
    while (left > 0 && (lf = memchr(at, '\n', left))) {
        size_t len = (size_t)(lf - at) + 1;

        tell_all(at, len);
        at += len;
        left -= len;
    }
    memmove(c->in, at, left);
    c->in_len = left;
    if (left == LINE_MOST)
        c->gone = true; /* no line is that long */
}

static void flush(int fd)
{
    struct client *c = &clients[fd];
    ssize_t n = send(fd, c->out, c->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        c->gone = true;
    if (n <= 0)
        return;
    c->out_len -= (size_t)n;
    memmove(c->out, c->out + n, c->out_len);
}

/* What was reported, then what that led to: everybody's new lines go out. A client that
 * does not read is not read from; only the client itself waits for that. */
static void serve(void)
{
    for (int fd = 0; fd <= highest; fd++) {
        short ready = clients[fd].ready;

        clients[fd].ready = 0;
        if (!ready || clients[fd].gone)
            continue;
        if (fd == listener)
            let_in();
        else if (ready & ~POLLOUT)
            hear(fd);
    }
    for (int fd = highest; fd >= 0; fd--) {
        struct client *c = &clients[fd];

        if (!c->here || fd == listener)
            continue;
        if (c->out_len > 0 && !c->gone)
            flush(fd);
        c->wants = c->out_len > 0 ? POLLOUT : POLLIN;
        if (c->gone)
            leave(fd);
    }
}

static void listen_at(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || bind(listener, (struct sockaddr *)&a, sizeof a) < 0
        || listen(listener, SOMAXCONN) < 0)
        die("listen");
    if (listener >= fd_limit) {
        fputs("chat: too many descriptors are in use already\n", stderr);
        exit(1);
    }
    enter(listener);
}

int main(int argc, char *argv[])
{
    void (*wait_for_all)(int timeout_ms) = NULL;

    if (argc == 3)
        wait_for_all = !strcmp(argv[1], "select")  ? wait_select
                       : !strcmp(argv[1], "poll")  ? wait_poll
                       : !strcmp(argv[1], "epoll") ? wait_epoll
                                                   : NULL;
    if (!wait_for_all) {
        fputs("usage: chat select|poll|epoll PORT\n", stderr);
        return 2;
    }
    if (wait_for_all == wait_select)
        fd_limit = FD_SETSIZE;
    listen_at(atoi(argv[2]));
    for (;;) {
        clients[listener].wants = paused ? 0 : POLLIN;
        wait_for_all(paused ? PAUSE_MS : -1);
        paused = false;
        serve();
    }
}
