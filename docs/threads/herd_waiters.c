/* herd_waiters - the eight ways in which the waiters of herd.c wait. */
#define _GNU_SOURCE
#include "herd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct herd herd;

const struct way herd_ways[] = {
    { "blocking accept",        0,                        false, false, false },
    { "one epoll, level",       EPOLLIN,                  false, false, false },
    { "one epoll, edge",        EPOLLIN | EPOLLET,        false, false, false },
    { "an epoll each, level",   EPOLLIN,                  true,  false, false },
    { "an epoll each, edge",    EPOLLIN | EPOLLET,        true,  false, false },
    { "each, EPOLLEXCLUSIVE",   EPOLLIN | EPOLLEXCLUSIVE, true,  false, false },
    { "each, SO_REUSEPORT",     EPOLLIN,                  true,  true,  false },
    { "blocking, accept mutex", 0,                        false, false, true  },
    { NULL, 0, false, false, false }
};

int herd_check(int result, const char *call)
{
    if (result < 0) {
        fprintf(stderr, "herd: %s: %s\n", call, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return result;
}

/* The first one gets a port; with SO_REUSEPORT it only holds it, and each waiter listens. */
static int listen_here(void)
{
    int type = SOCK_STREAM | (herd.way->events != 0 ? SOCK_NONBLOCK : 0), on = 1;
    int fd = herd_check(socket(AF_INET, type, 0), "socket");
    socklen_t size = sizeof herd.address;

    herd_check(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "setsockopt");
    herd_check(bind(fd, (struct sockaddr *)&herd.address, size), "bind");
    if (!herd.way->own_listener || herd.address.sin_port != 0)
        herd_check(listen(fd, HERD_CONNECTIONS), "listen");
    herd_check(getsockname(fd, (struct sockaddr *)&herd.address, &size), "getsockname");
    return fd;
}

static int epoll_with(int fd)
{
    struct epoll_event e = { .events = herd.way->events };
    int set = herd_check(epoll_create1(0), "epoll_create1");

    herd_check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
    return set;
}

void *herd_wait(void *thread)
{
    int from = herd.way->own_listener ? listen_here() : herd.listener, fd;
    int set = herd.way->own_epoll ? epoll_with(from) : herd.epoll;
    struct epoll_event e;

    *(atomic_int *)thread = gettid();
    for (long got = 0; ; got = 0) {
        if (herd.way->events != 0)
            herd_check(epoll_wait(set, &e, 1, -1), "epoll_wait");
        if (herd.way->mutex)
            pthread_mutex_lock(&herd.counts->mutex);
        while ((fd = accept(from, NULL, NULL)) >= 0 && ++got && herd.way->events != 0)
            close(fd);
        if (herd.way->mutex)
            pthread_mutex_unlock(&herd.counts->mutex);
        if (fd >= 0)
            close(fd);
        herd.counts->in_vain += got == 0;
        herd.counts->accepted += got;
    }
    return NULL;
}

void herd_open(void)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&herd.counts->mutex, &attributes);
    herd.listener = listen_here();
    herd.epoll = herd.way->events != 0 ? epoll_with(herd.listener) : -1;
}
