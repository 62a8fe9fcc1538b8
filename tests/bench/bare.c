/* bare - the least that a server can do, to measure the four servers against.
 *
 *     usage: bare select|poll PORT [calc]
 *            bare epoll PORT [calc|timed|edge]
 *
 * One recv and one send a request, and each request's share of a wait; nothing else.  No
 * timeouts, no limits, no ledger, no backpressure: a client whose reply does not fit its
 * socket is hung up on, an error ends the program.  As a calculator it believes that frames
 * come whole and flawless.  Two questions to epoll: what does a timeout cost that never comes
 * due (`timed`), and what does edge trigger save (`edge`, which overlooks a FIN that comes
 * with bytes)?  Do not copy it: it is a yardstick.
 * docs/maintainers/performance.md says how far the real servers are from it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 512, CLIENTS_MAX = 65536, READ_SIZE = 16384 };

static char bytes[READ_SIZE], replies[2 * READ_SIZE];
static bool calculates;
static int timeout = -1;
static uint32_t interest = EPOLLIN;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, SOMAXCONN) < 0)
        fail("bare: listen");
    return fd;
}

static int accept_one(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK);
}

static long number(const char **p)
{
    long x = 0;

    for (; **p >= '0' && **p <= '9'; ++*p)
        x = x * 10 + (**p - '0');
    return x;
}

/* Sums of small numbers.  Returns the size of the replies. */
static size_t calculate(const char *p, const char *end)
{
    char *to = replies, room[24], *digit;

    while (p < end) {
        long x, y, length;
        char op;

        number(&p);                     /* the length, and '@' */
        p++;
        x = number(&p);
        op = p[1];
        p += 3;
        y = number(&p);
        p++;
        x = op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
        digit = room + sizeof room;
        *--digit = '@';
        *--digit = '0';
        *--digit = ' ';
        for (y = x < 0 ? -x : x; y > 0 || digit[0] == ' '; y /= 10)
            *--digit = (char)('0' + y % 10);
        if (x < 0)
            *--digit = '-';
        length = room + sizeof room - 1 - digit;
        if (length > 9)
            *to++ = (char)('0' + length / 10);
        *to++ = (char)('0' + length % 10);
        *to++ = '@';
        memcpy(to, digit, (size_t)length + 1);
        to += length + 1;
    }
    return (size_t)(to - replies);
}

/* What one recv brought is answered.  Its size; 0 when the client is gone. */
static ssize_t answer(int fd)
{
    const char *from = bytes;
    ssize_t n = recv(fd, bytes, sizeof bytes, 0), size = n;

    if (n > 0 && calculates) {
        size = (ssize_t)calculate(bytes, bytes + n);
        from = replies;
    }
    if (n > 0 && send(fd, from, (size_t)size, MSG_NOSIGNAL) == size)
        return n;
    if (n < 0 && errno == EAGAIN)    /* edge trigger asks once too often after a full read */
        return 1;
    close(fd);
    return 0;
}

static _Noreturn void serve_select(int listener)
{
    static fd_set all, ready;
    int top = listener;

    FD_SET(listener, &all);
    for (;;) {
        ready = all;
        if (select(top + 1, &ready, NULL, NULL, NULL) < 0)
            fail("bare: select");
        for (int word = 0, fd; word <= top / NFDBITS; word++) {
            unsigned long bits = (unsigned long)ready.fds_bits[word];

            for (; bits != 0; bits &= bits - 1) {
                fd = word * NFDBITS + __builtin_ctzl(bits);
                if (fd != listener && !answer(fd))
                    FD_CLR(fd, &all);
            }
        }
        if (FD_ISSET(listener, &ready))
            for (int fd; (fd = accept_one(listener)) >= 0; ) {
                if (fd >= FD_SETSIZE) {
                    close(fd);
                    continue;
                }
                FD_SET(fd, &all);
                if (fd > top)
                    top = fd;
            }
    }
}

static _Noreturn void serve_poll(int listener)
{
    static struct pollfd slots[CLIENTS_MAX];
    nfds_t used = 1;

    slots[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (;;) {
        int left = poll(slots, used, -1);

        if (left < 0)
            fail("bare: poll");
        for (nfds_t i = used; left > 0 && i-- > 1; ) {
            if (slots[i].revents == 0)
                continue;
            left--;
            if (!answer(slots[i].fd))
                slots[i] = slots[--used];
        }
        if (slots[0].revents != 0)
            for (int fd; used < CLIENTS_MAX && (fd = accept_one(listener)) >= 0; )
                slots[used++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    }
}

static _Noreturn void serve_epoll(int listener)
{
    static struct epoll_event events[BATCH];
    struct epoll_event e = { .events = EPOLLIN, .data.fd = listener };
    int epoll = epoll_create1(0);

    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    e.events = interest;
    for (;;) {
        int n = epoll_wait(epoll, events, BATCH, timeout);

        if (n < 0)
            fail("bare: epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                while (answer(events[i].data.fd) == READ_SIZE && (interest & EPOLLET))
                    ;
                continue;
            }
            for (int fd; (fd = accept_one(listener)) >= 0; ) {
                e.data.fd = fd;
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (argc == 3 || argc == 4) {
        const char *mechanism = argv[1], *how = argc == 4 ? argv[3] : "";
        bool epoll = strcmp(mechanism, "epoll") == 0;

        calculates = strcmp(how, "calc") == 0;
        if (epoll && strcmp(how, "timed") == 0)
            timeout = 600000;
        else if (epoll && strcmp(how, "edge") == 0)
            interest |= EPOLLET;
        else if (*how != '\0' && !calculates)
            mechanism = "unknown";
        if (strcmp(mechanism, "select") == 0)
            serve_select(listen_on(atoi(argv[2])));
        if (strcmp(mechanism, "poll") == 0)
            serve_poll(listen_on(atoi(argv[2])));
        if (strcmp(mechanism, "epoll") == 0)
            serve_epoll(listen_on(atoi(argv[2])));
    }
    fprintf(stderr, "usage: bare select|poll PORT [calc]\n"
            "       bare epoll PORT [calc|timed|edge]\n");
    return 2;
}
