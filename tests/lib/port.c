#define _GNU_SOURCE
#include "port.h"

#include "guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LOWEST = 10000, HIGHEST = 65535, ENOUGH = 1000 };

/* Binds a port, 0 for any, at one address; returns which, or -1 with errno. */
static int try_port(in_addr_t address, int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port),
                             .sin_addr.s_addr = htonl(address) };
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), bound = -1;

    if (fd >= 0 && bind(fd, (struct sockaddr *)&a, len) == 0
        && getsockname(fd, (struct sockaddr *)&a, &len) == 0)
        bound = ntohs(a.sin_port);
    if (fd >= 0)
        close(fd);
    return bound;
}

bool port_is_free(int port)
{
    return try_port(INADDR_ANY, port) == port;
}

int port_any(void)
{
    return try_port(INADDR_LOOPBACK, 0);
}

/* An abstract name (unix(7)) belongs to the network namespace, as ports do; it is gone with
 * the last descriptor of its socket. */
static bool hold(int port, int *held)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    size_t len = offsetof(struct sockaddr_un, sun_path) + 1;

    len += (size_t)snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "muxlab-grade-port-%d",
                            port);
    *held = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*held >= 0 && bind(*held, (struct sockaddr *)&a, (socklen_t)len) == 0)
        return true;
    if (*held >= 0)
        close(*held);
    *held = -1;
    return false;
}

/* The larger part of the ports that the kernel gives to no client; false where both parts
 * are small. */
static bool find_range(int *first, int *count)
{
    FILE *in = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    int low = 32768, high = 60999;

    if (in) {
        if (fscanf(in, "%d %d", &low, &high) != 2)
            low = high = 0;
        fclose(in);
    }
    *first = low - LOWEST > HIGHEST - high ? LOWEST : high + 1;
    *count = *first == LOWEST ? low - LOWEST : HIGHEST - high;
    return *count >= ENOUGH;
}

int port_choose(int *held)
{
    static uint64_t turn;
    int first, count;

    *held = -1;
    if (!find_range(&first, &count))
        return try_port(INADDR_ANY, 0);
    for (int tries = 0; tries < ENOUGH; tries++) {
        uint64_t at = (uint64_t)getpid() * 7919 + (uint64_t)(guard_now() * 1000)
                      + 104729 * turn++;
        int port = first + (int)(at % (uint64_t)count);

        if (port_is_free(port) && hold(port, held))
            return port;
    }
    return try_port(INADDR_ANY, 0);
}
