#define _GNU_SOURCE
#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

int net_listen(const char *host, const char *port, int rcvbuf, int sndbuf,
               const char **reason)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV
    };
    struct addrinfo *found;
    int fd, error = getaddrinfo(host, port, &hints, &found);

    if (error != 0) {
        *reason = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return -1;
    }
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* SO_REUSEADDR: a restarted server need not wait for the TIME_WAIT of its old
     * connections.  It does not let two servers share a port (socket(7)). */
    if (fd < 0 || set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0
        || set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0
        || (rcvbuf != 0 && set_option(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf) < 0)
        || (sndbuf != 0 && set_option(fd, SOL_SOCKET, SO_SNDBUF, sndbuf) < 0)
        || bind(fd, found->ai_addr, found->ai_addrlen) < 0
        || listen(fd, SOMAXCONN) < 0) {
        *reason = strerror(errno);
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

enum net_accept net_accept(int listener, int *fd, struct ledger *ledger)
{
    ledger->accept_calls++;
    *fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (*fd >= 0)
        return NET_CLIENT;
    switch (errno) {
    case EAGAIN:
        ledger->would_block++;
        return NET_EMPTY;
    case EINTR: case ECONNABORTED: case EPROTO:
    case ENETDOWN: case ENOPROTOOPT: case EHOSTDOWN: case ENONET:
    case EHOSTUNREACH: case EOPNOTSUPP: case ENETUNREACH: case ETIMEDOUT:
        return NET_GONE;
    default:
        return NET_FAILED;
    }
}

const char *net_name(int fd, int (*ask)(int, struct sockaddr *, socklen_t *), char *name)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[NET_NAME_MAX - 9], port[6];

    if (ask(fd, (struct sockaddr *)&address, &size) < 0)
        return NULL;
    if (getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        errno = EADDRNOTAVAIL;
        return NULL;
    }
    snprintf(name, NET_NAME_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    return name;
}
