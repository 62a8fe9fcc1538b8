/* slices_load - the clients: what they say, and the four ways to ask (enum work). */
#define _GNU_SOURCE
#include "slices.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BATCH = 512,
    PERIOD = 8191,
    SOURCES = 50,               /* 127.0.0.1 to .50, so that ports suffice */
    AT_ONCE = 1000,             /* unanswered connections with ACCEPT */
    STUCK_MS = 5000
};

/* A client's byte k is text[k % period], whichever request it belongs to. The period of
 * an echo is a prime, and no shorter run repeats in it, so a lost byte shows unless the
 * messages' size is a multiple of it. */
struct stream {
    size_t period, size;        /* size: bytes of one message */
    char text[PERIOD + BYTES_MAX];
};
static struct stream out, back;

static void fill_stream(struct stream *s, const char *message, size_t size)
{
    uint32_t x = 0;

    s->size = size;
    s->period = message ? size : PERIOD;
    for (size_t k = 0; k < s->period; k++) {
        x = x * 1664525 + 1013904223;    /* a linear congruence (Numerical Recipes) */
        s->text[k] = message ? message[k] : (char)(x >> 24);
    }
    for (size_t k = s->period; k < sizeof s->text; k++)
        s->text[k] = s->text[k - s->period];
}

void load_prepare(void)
{
    static const char sum[] = "11@1234 + 5678@", its_reply[] = "6@6912 0@";

    fill_stream(&out, want.calc ? sum : NULL, want.calc ? strlen(sum) : (size_t)want.bytes);
    fill_stream(&back, want.calc ? its_reply : NULL,
                want.calc ? strlen(its_reply) : (size_t)want.bytes);
}

static void connect_to(const struct server *s, struct client *c, int number)
{
    struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    int on = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number % SOURCES));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)s->port);
    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (c->fd < 0)
        fail(s, "socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0
        || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0
        || epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
        fail(s, "connect");
}

/* By RST, which leaves no TIME_WAIT behind. */
static void hang_up(const struct client *c)
{
    struct linger now_or_never = { .l_onoff = 1 };

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now_or_never, sizeof now_or_never);
    close(c->fd);
}

static void ask(const struct server *s, struct client *c, size_t requests)
{
    size_t left = requests * out.size;

    while (left > 0) {
        size_t some = left < BYTES_MAX ? left : BYTES_MAX;
        ssize_t n = send(c->fd, out.text + c->sent % out.period, some, MSG_NOSIGNAL);

        if (n <= 0)
            fail(s, "send");
        c->sent += (size_t)n;
        left -= (size_t)n;
    }
}

/* Takes what came. Returns how many replies became complete. */
static size_t take(const struct server *s, struct client *c)
{
    static char bytes[BYTES_MAX];
    size_t before = c->received / back.size;
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return 0;
    errno = n == 0 ? 0 : errno;
    if (n <= 0)
        fail(s, "lost a client");
    if (memcmp(bytes, back.text + c->received % back.period, (size_t)n) != 0)
        fail(s, "wrong bytes in a reply");
    c->received += (size_t)n;
    return c->received / back.size - before;
}

static int events_of(const struct server *s, struct epoll_event *events)
{
    int n = epoll_wait(s->epoll, events, BATCH, STUCK_MS);

    errno = 0;
    if (n <= 0)
        fail(s, "replies are missing");
    return n;
}

/* Everybody asks again as soon as there is a reply, until time is over. */
static double slice_kept(struct server *s)
{
    struct epoll_event events[BATCH];
    double end = now() + want.slice, done = 0;
    size_t missing = (size_t)want.active * (size_t)want.depth;

    for (int i = 0; i < want.active; i++)
        ask(s, &s->clients[i], (size_t)want.depth);
    while (missing > 0) {
        bool more = now() < end;

        for (int i = 0, n = events_of(s, events); i < n; i++) {
            size_t replies = take(s, events[i].data.ptr);

            done += (double)replies;
            if (more)
                ask(s, events[i].data.ptr, replies);
            else
                missing -= replies;
        }
    }
    return done;
}

/* Open loop: request j is due j / rate after the start, from client j % active; one that
 * still waits for a reply delays it. The client spins. */
static double slice_paced(struct server *s)
{
    struct epoll_event events[BATCH];
    double start = now(), last_sign = start;
    long all = (long)(want.slice * want.rate), asked = 0, done = 0;

    while (done < all) {
        struct client *c = &s->clients[asked % want.active];
        double moment = now();
        int n;

        if (asked < all && asked < (long)((moment - start) * want.rate)
            && c->sent / out.size == c->received / back.size) {
            ask(s, c, 1);
            asked++;
            last_sign = moment;
            continue;
        }
        n = epoll_wait(s->epoll, events, BATCH, 0);
        for (int i = 0; i < n; i++)
            done += (long)take(s, events[i].data.ptr);
        if (n > 0)
            last_sign = moment;
        errno = 0;
        if (moment - last_sign > STUCK_MS / 1e3)
            fail(s, "replies are missing");
    }
    return (double)done;
}

/* A connection a request; ACCEPT holds each open until the slice's cost is known. */
static double slice_connecting(struct server *s)
{
    struct epoll_event events[BATCH];
    double end = now() + want.slice;
    bool churn = want.work == CHURN;
    int opened = 0, missing = 0, most = churn || want.active < AT_ONCE ? want.active : AT_ONCE;

    for (; opened < most; opened++, missing++) {
        connect_to(s, &s->clients[opened], opened);
        ask(s, &s->clients[opened], 1);
    }
    while (missing > 0) {
        bool more = churn ? now() < end : opened < want.active;

        for (int i = 0, n = events_of(s, events); i < n; i++) {
            struct client *c = events[i].data.ptr;

            if (take(s, c) == 0)
                continue;
            missing--;
            if (churn)
                hang_up(c);
            if (more && (churn || opened < want.active)) {
                c = churn ? c : &s->clients[opened];
                connect_to(s, c, opened++);
                ask(s, c, 1);
                missing++;
            }
        }
    }
    return opened;
}

double load_slice(struct server *s)
{
    switch (want.work) {
    case KEEP:
        return slice_kept(s);
    case PACED:
        return slice_paced(s);
    case CHURN:
    case ACCEPT:
        break;
    }
    return slice_connecting(s);
}

void load_hang_up(const struct server *s)
{
    for (int i = 0; i < want.active; i++)
        hang_up(&s->clients[i]);
}

void load_connect(struct server *s, int idle)
{
    int kept = want.work == KEEP || want.work == PACED ? want.active : 0;
    struct epoll_event events[BATCH];

    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->clients = calloc((size_t)(want.active + want.idle), sizeof *s->clients);
    if (s->epoll < 0 || s->clients == NULL)
        fail(s, "cannot have clients");
    for (int i = 0; i < kept + idle; i++) {
        struct client *c = &s->clients[i < kept ? i : i - kept + want.active];

        connect_to(s, c, i);
        ask(s, c, 1);
        while (take(s, c) == 0)
            events_of(s, events);
    }
}
