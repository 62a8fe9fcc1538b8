/* shim_calls.c - the wrappers of the preload shim.
 *
 * Each asks the plan (shim.c) and then fails or goes on to the function it
 * stands before. What is faked must be something the kernel does:
 *
 * - accept that fails because the *connection* failed has taken it off the
 *   queue; accept that fails for want of descriptors or memory has not;
 * - close always closes, whatever it returns (close(2), "Dealing with error
 *   returns from close()");
 * - under edge trigger a short read, a short write and EAGAIN say "there was no
 *   more just now", and a server may rely on it (epoll(7), question 9). Where
 *   the shim says so untruly it arms the descriptor again, so that the edge
 *   comes as if the rest had arrived a moment later.
 *
 * <sys/socket.h> is not included: glibc declares its functions with transparent
 * unions that a definition cannot repeat.
 */
#define _DEFAULT_SOURCE
#include "shim_plan.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct sockaddr;
struct addrinfo;
typedef unsigned int length_t; /* socklen_t */

#define NEXT(name) shim_next(CALL_##name, #name, &next)

/* A function that fails with nothing done, and else is the one behind. */
#define WRAP(result, name, failure, parameters, arguments)                      \
    result name parameters                                                      \
    {                                                                           \
        result (*next) parameters;                                              \
                                                                                \
        if (shim_strike(CALL_##name) || !NEXT(name))                            \
            return failure;                                                     \
        return next arguments;                                                  \
    }

WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, NULL, (void *old, size_t size), (old, size))
WRAP(void *, reallocarray, NULL, (void *old, size_t count, size_t size),
     (old, count, size))

void free(void *bytes)
{
    void (*next)(void *);
    void *(*allocate)(size_t);
    size_t leak = shim_leak();

    if (leak && shim_next(CALL_malloc, "malloc", &allocate))
        memset(allocate(leak), 'x', leak);
    if (NEXT(free))
        next(bytes);
}

WRAP(int, socket, -1, (int family, int type, int protocol), (family, type, protocol))
WRAP(int, setsockopt, -1,
     (int fd, int level, int name, const void *value, length_t length),
     (fd, level, name, value, length))
WRAP(int, getsockopt, -1, (int fd, int level, int name, void *value, length_t *length),
     (fd, level, name, value, length))
WRAP(int, bind, -1, (int fd, const struct sockaddr *address, length_t length),
     (fd, address, length))
WRAP(int, listen, -1, (int fd, int backlog), (fd, backlog))
WRAP(int, getsockname, -1, (int fd, struct sockaddr *address, length_t *length),
     (fd, address, length))
WRAP(int, getpeername, -1, (int fd, struct sockaddr *address, length_t *length),
     (fd, address, length))
WRAP(int, shutdown, -1, (int fd, int how), (fd, how))

WRAP(int, select, -1,
     (int count, fd_set *read, fd_set *write, fd_set *except, struct timeval *timeout),
     (count, read, write, except, timeout))
WRAP(int, poll, -1, (struct pollfd *slots, nfds_t count, int timeout),
     (slots, count, timeout))
WRAP(int, epoll_create1, -1, (int flags), (flags))
WRAP(int, epoll_wait, -1, (int epfd, struct epoll_event *events, int max, int timeout),
     (epfd, events, max, timeout))

WRAP(int, ppoll, -1, (struct pollfd *slots, nfds_t count, const struct timespec *timeout,
     const sigset_t *mask), (slots, count, timeout, mask))
WRAP(int, ftruncate, -1, (int fd, off_t length), (fd, length))

WRAP(int, pipe2, -1, (int ends[2], int flags), (ends, flags))
WRAP(int, sigaction, -1,
     (int number, const struct sigaction *action, struct sigaction *old),
     (number, action, old))
WRAP(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))

/* glibc names the resource with an enum in C, musl with an int: both are int to
 * the caller, but a definition has to repeat the declaration. */
#ifdef __GLIBC__
typedef __rlimit_resource_t resource_t;
#else
typedef int resource_t;
#endif
WRAP(int, getrlimit, -1, (resource_t what, struct rlimit *limit), (what, limit))
WRAP(int, setrlimit, -1, (resource_t what, const struct rlimit *limit), (what, limit))

/* These report by value, not by errno. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **);
    int error = shim_strike(CALL_getaddrinfo);

    NEXT(getaddrinfo);
    return error ? error : next(host, port, hints, found);
}

int getnameinfo(const struct sockaddr *address, length_t length, char *host,
                length_t host_size, char *port, length_t port_size, int flags)
{
    int (*next)(const struct sockaddr *, length_t, char *, length_t, char *, length_t,
                int);
    int error = shim_strike(CALL_getnameinfo);

    NEXT(getnameinfo);
    return error ? error
                 : next(address, length, host, host_size, port, port_size, flags);
}

int close(int fd)
{
    int (*next)(int);
    int error = shim_strike(CALL_close), result;

    NEXT(close);
    result = next(fd);
    if (!error)
        return result;
    errno = error;
    return -1;
}

/* What a descriptor is registered for, to announce again what was held back. */
enum { REMEMBERED = 4096 };
static struct {
    int epfd; /* 0: not registered */
    struct epoll_event event;
} interest[REMEMBERED];

int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
    int (*next)(int, int, int, struct epoll_event *);
    int result;

    if (shim_strike(CALL_epoll_ctl))
        return -1;
    NEXT(epoll_ctl);
    result = next(epfd, operation, fd, event);
    if (result == 0 && fd < REMEMBERED) {
        interest[fd].epfd = operation == EPOLL_CTL_DEL ? 0 : epfd;
        if (operation != EPOLL_CTL_DEL)
            interest[fd].event = *event;
    }
    return result;
}

static void announce_again(int fd)
{
    int (*next)(int, int, int, struct epoll_event *);
    int error = errno;

    NEXT(epoll_ctl);
    if (fd < REMEMBERED && interest[fd].epfd)
        next(interest[fd].epfd, EPOLL_CTL_MOD, fd, &interest[fd].event);
    errno = error;
}

static void drop_connection(int fd)
{
    int (*next)(int);
    int error = errno;

    NEXT(close);
    if (fd >= 0)
        next(fd);
    errno = error;
}

static int connection_failed(int error)
{
    return error == ECONNABORTED || error == EPROTO || error == ENETDOWN
           || error == EHOSTUNREACH || error == ENETUNREACH;
}

int accept4(int fd, struct sockaddr *address, length_t *length, int flags)
{
    int (*next)(int, struct sockaddr *, length_t *, int);
    int error = shim_strike(CALL_accept4);

    NEXT(accept4);
    if (!error)
        return next(fd, address, length, flags);
    if (connection_failed(error))
        drop_connection(next(fd, address, length, flags));
    errno = error;
    return -1;
}

int accept(int fd, struct sockaddr *address, length_t *length)
{
    int (*next)(int, struct sockaddr *, length_t *);
    int error = shim_strike(CALL_accept);

    NEXT(accept);
    if (!error)
        return next(fd, address, length);
    if (connection_failed(error))
        drop_connection(next(fd, address, length));
    errno = error;
    return -1;
}

/* One transfer of length bytes: failed, cut short or let through. */
#define TRANSFER(name, byte, parameters, arguments)                             \
    ssize_t name parameters                                                     \
    {                                                                           \
        ssize_t (*next) parameters;                                             \
        ssize_t moved;                                                          \
        size_t whole = length;                                                  \
        int error = shim_strike(CALL_##name);                                   \
                                                                                \
        if (error) {                                                            \
            if (error == EAGAIN)                                                \
                announce_again(fd);                                             \
            return -1;                                                          \
        }                                                                       \
        if (CALL_##name == CALL_send)                                           \
            shim_lag();                                                         \
        NEXT(name);                                                             \
        length = shim_cut(length);                                              \
        moved = next arguments;                                                 \
        if (length < whole && moved == (ssize_t)length)                         \
            announce_again(fd);                                                 \
        return moved;                                                           \
    }

TRANSFER(recv, void, (int fd, void *bytes, size_t length, int flags),
         (fd, bytes, length, flags))
TRANSFER(send, const void, (int fd, const void *bytes, size_t length, int flags),
         (fd, bytes, length, flags))
TRANSFER(read, void, (int fd, void *bytes, size_t length), (fd, bytes, length))
TRANSFER(write, const void, (int fd, const void *bytes, size_t length),
         (fd, bytes, length))

/* What _FORTIFY_SOURCE makes of these calls where it knows the buffer's size. */
ssize_t __recv_chk(int fd, void *bytes, size_t length, size_t size, int flags)
{
    return length > size ? (abort(), -1) : recv(fd, bytes, length, flags);
}

ssize_t __read_chk(int fd, void *bytes, size_t length, size_t size)
{
    return length > size ? (abort(), -1) : read(fd, bytes, length);
}

int __poll_chk(struct pollfd *slots, nfds_t count, int timeout, size_t size)
{
    return count * sizeof *slots > size ? (abort(), -1) : poll(slots, count, timeout);
}

/* The third argument is read as a pointer whatever it is: every ABI that Linux
 * has passes an int, a long and a pointer there in the same place. */
#define WRAP_VARIADIC(name, request_t)                                          \
    int name(int fd, request_t request, ...)                                    \
    {                                                                           \
        int (*next)(int, request_t, ...);                                       \
        va_list rest;                                                           \
        void *argument;                                                         \
                                                                                \
        if (shim_strike(CALL_##name))                                           \
            return -1;                                                          \
        va_start(rest, request);                                                \
        argument = va_arg(rest, void *);                                        \
        va_end(rest);                                                           \
        NEXT(name);                                                             \
        return next(fd, request, argument);                                     \
    }

#ifdef __GLIBC__
typedef unsigned long request_t; /* of ioctl; musl has int */
#else
typedef int request_t;
#endif
WRAP_VARIADIC(fcntl, int)

/* The servers open what exists: there is no mode to hand on. */
int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, ...);

    if (shim_strike(CALL_open))
        return -1;
    NEXT(open);
    return next(path, flags);
}

WRAP_VARIADIC(ioctl, request_t)

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int (*next)(clockid_t, struct timespec *);
    int result;

    if (shim_strike(CALL_clock_gettime))
        return -1;
    NEXT(clock_gettime);
    result = next(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        shim_step(&now->tv_sec);
    return result;
}

time_t time(time_t *result)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}
