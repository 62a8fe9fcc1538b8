/* The half of client.h that opens, watches and ends a connection; converse.c is the other. */
#define _GNU_SOURCE
#include "client.h"

#include "check.h"
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_up(int fd, const struct client_setup *setup)
{
    struct sockaddr_in from = { .sin_family = AF_INET };
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!setup)
        return;
    if (setup->rcvbuf)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &setup->rcvbuf, sizeof setup->rcvbuf);
    if (setup->sndbuf)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &setup->sndbuf, sizeof setup->sndbuf);
    if (setup->maxseg)
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &setup->maxseg, sizeof setup->maxseg);
    if (setup->source)
        check(inet_pton(AF_INET, setup->source, &from.sin_addr) == 1
                  && bind(fd, (struct sockaddr *)&from, sizeof from) == 0,
              "cannot bind to %s: %s", setup->source, strerror(errno));
}

int client_try(const struct server *s, const struct client_setup *setup)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(s->address.ss_family, type, 0);
    socklen_t len = sizeof(int);
    int error = 0;

    if (fd < 0)
        return -1;
    set_up(fd, setup);
    if (connect(fd, (const struct sockaddr *)&s->address, s->address_len) < 0) {
        error = errno;
        if (error == EINPROGRESS) {
            error = ETIMEDOUT;
            if (guard_wait(fd, POLLOUT, guard_end()))
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
        }
    }
    if (error) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int client_open_with(const struct server *s, const struct client_setup *setup)
{
    int fd = client_try(s, setup);

    check(fd >= 0, "cannot connect: %s", strerror(errno));
    return fd;
}

int client_open(const struct server *s)
{
    return client_open_with(s, NULL);
}

void client_expect_gone(int fd)
{
    double end = guard_end();
    char bytes[65536];

    while (guard_wait(fd, POLLIN, end)) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);

        if (n == 0 || (n < 0 && errno != EAGAIN))
            return;
    }
    check_fail("the server did not close the connection within %g s", GUARD);
}

enum client_state client_look(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN ? CLIENT_QUIET : CLIENT_RESET;
    return n == 0 ? CLIENT_AT_EOF : CLIENT_HAS_BYTES;
}

enum client_state client_wait(int fd, double moment)
{
    guard_wait(fd, POLLIN, moment);
    return client_look(fd);
}

void client_finish(int fd)
{
    shutdown(fd, SHUT_WR);
}

void client_reset(int fd)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}
