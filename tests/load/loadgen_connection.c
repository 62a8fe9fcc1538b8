#define _GNU_SOURCE
#include "loadgen_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define SOURCES 250u

/* IP_BIND_ADDRESS_NO_PORT: the port is chosen by connect, which may give one
 * port to many connections as long as their other ends differ. */
static int bind_source(int fd, unsigned number)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int on = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % SOURCES);
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) < 0)
        return -1;
    return bind(fd, (struct sockaddr *)&from, sizeof from);
}

static int failed(struct connection *c, const char *step)
{
    c->step = step;
    c->error = errno;
    connection_close(c);
    return -1;
}

/*
 * SO_LINGER with 0: close sends RST, so that no connection of ours stays in
 * TIME_WAIT. Churn would leave tens of thousands a second, and they would hold
 * the ports that the next run needs. By then every reply has been read.
 */
int connection_open(struct connection *c, const struct exchange *x, unsigned number,
                    const struct sockaddr_storage *to, socklen_t to_size)
{
    struct linger reset = {1, 0};
    int on = 1;

    c->number = number;
    c->unwritten = 0;
    c->owed = c->oldest = 0;
    c->error = 0;
    exchange_begin(x, number, &c->ask, &c->answer);
    c->fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        return failed(c, "socket");
    if (setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) < 0
        || setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        return failed(c, "setsockopt");
    if (to->ss_family == AF_INET && bind_source(c->fd, number) < 0)
        return failed(c, "bind");
    if (connect(c->fd, (const struct sockaddr *)to, to_size) < 0
        && errno != EINPROGRESS)
        return failed(c, "connect");
    return 0;
}

void connection_ask(struct connection *c, const struct exchange *x, uint64_t due,
                    uint64_t now)
{
    unsigned slot = c->oldest + c->owed;

    c->requests[slot < c->depth ? slot : slot - c->depth] = (struct request){due, now};
    c->owed++;
    c->unwritten += exchange_ask(x, &c->ask);
}

void connection_push(struct connection *c, const struct exchange *x)
{
    while (c->unwritten > 0) {
        size_t piece = c->unwritten < TAPE_CHUNK ? c->unwritten : TAPE_CHUNK;
        ssize_t n = send(c->fd, x->ask.text + c->ask.at, piece, MSG_NOSIGNAL);

        if (n < 0) {
            if (errno != EAGAIN && c->error == 0)
                c->error = errno;       /* only the first call is told the reason */
            return;
        }
        tape_skip(&x->ask, &c->ask, (size_t)n);
        c->unwritten -= (size_t)n;
        if ((size_t)n < piece)
            return;
    }
}

/* Nothing more will come. */
static enum trouble ended(struct connection *c, const struct exchange *x, ssize_t n)
{
    c->step = "connect";
    if (n < 0)
        c->error = errno;
    if (!c->answer.spoken && (c->error == ECONNREFUSED || c->error == ETIMEDOUT))
        return TROUBLE_CONNECT;
    if (x->service == SERVICE_ECHO && !c->answer.spoken)
        return TROUBLE_REFUSED;     /* echo has no words for 'full' */
    return TROUBLE_MISSING;
}

enum trouble connection_pull(struct connection *c, const struct exchange *x,
                             struct received *in, int hung_up, unsigned *complete)
{
    for (;;) {
        ssize_t n = recv(c->fd, in->data, sizeof in->data, 0);

        if (n < 0 && errno == EAGAIN)
            return TROUBLE_NONE;
        if (n <= 0)
            return ended(c, x, n);
        in->size = (size_t)n;
        switch (exchange_check(x, &c->answer, in->data, in->size, c->owed - *complete,
                               complete)) {
        case VERDICT_RIGHT:
            break;
        case VERDICT_REFUSED:
            return TROUBLE_REFUSED;
        case VERDICT_WRONG:
            return TROUBLE_WRONG;
        }
        if (in->size < sizeof in->data && !hung_up)
            return TROUBLE_NONE;
    }
}

struct request connection_answered(struct connection *c)
{
    struct request r = c->requests[c->oldest];

    c->oldest = c->oldest + 1 < c->depth ? c->oldest + 1 : 0;
    c->owed--;
    return r;
}

void connection_close(struct connection *c)
{
    int error = errno;

    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    errno = error;
}
