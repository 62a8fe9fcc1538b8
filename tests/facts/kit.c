#define _GNU_SOURCE
#include "kit.h"

#include "../lib/check.h"
#include "../lib/command.h"
#include "../lib/guard.h"
#include "../lib/proc.h"
#include "fact.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

void make_pipe(int ends[2])
{
    MUST(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
}

void make_pair(int ends[2])
{
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
}

int make_listener(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MUST(bind(fd, (struct sockaddr *)&name, sizeof name));
    MUST(listen(fd, 16));
    return fd;
}

int make_client(int listener)
{
    struct sockaddr_in name;
    socklen_t len = sizeof name;
    int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));

    MUST(getsockname(listener, (struct sockaddr *)&name, &len));
    MUST(connect(fd, (struct sockaddr *)&name, len));
    return fd;
}

void make_connection(int ends[2])
{
    int listener = make_listener();

    ends[1] = make_client(listener);
    await(listener, POLLIN);
    ends[0] = MUST(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    close(listener);
}

int make_epoll(void)
{
    return MUST(epoll_create1(EPOLL_CLOEXEC));
}

void watch(int epoll, int fd, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.fd = fd };

    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e));
}

uint32_t told(int epoll, int timeout)
{
    struct epoll_event e;

    return MUST(epoll_wait(epoll, &e, 1, timeout)) == 1 ? e.events : 0;
}

const char *bits(uint32_t events)
{
    static const struct { uint32_t bit; const char *name; } names[] = {
        { EPOLLIN, "IN" }, { EPOLLPRI, "PRI" }, { EPOLLOUT, "OUT" }, { EPOLLERR, "ERR" },
        { EPOLLHUP, "HUP" }, { POLLNVAL, "NVAL" }, { EPOLLRDHUP, "RDHUP" },
    };
    static char texts[4][64];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    *text = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (events & names[i].bit) {
            strcat(text, *text ? "|" : "");
            strcat(text, names[i].name);
        }
    return *text ? text : "nothing";
}

void put(int fd)
{
    MUST((int)write(fd, "x", 1));
}

void take(int fd)
{
    char byte;

    check(read(fd, &byte, 1) == 1, "a byte to be read: %s", strerror(errno));
}

void say(int fd, const char *text)
{
    size_t length = strlen(text);
    int domain, unsent = 1;
    socklen_t len = sizeof domain;

    check(send(fd, text, length, MSG_NOSIGNAL) == (ssize_t)length, "a send of %zu bytes: %s",
          length, strerror(errno));
    MUST(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len));
    if (domain != AF_INET)
        return;             /* a local socket has told everybody before send returns */
    /* What is acknowledged has gone through the receiver's socket, and those who wait for it
     * have been woken. */
    for (double end = guard_end(); ioctl(fd, TIOCOUTQ, &unsent) == 0 && unsent > 0;
         guard_pause(end, "the acknowledgement of a send"))
        ;
}

void await(int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    struct tcp_info locked;
    socklen_t len = sizeof locked;
    double end = guard_end();

    while (MUST(poll(&p, 1, guard_left(end))) == 0 || (p.revents & events) != events)
        guard_pause(end, "something to come over TCP");
    /* poll looks at the socket without its lock, so it may see what has come before those
     * who wait are told.  This call takes the lock. */
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &locked, &len);
}

void give_up(int fd)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    MUST(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    MUST(close(fd));
}

void set_nonblocking(int fd)
{
    MUST(fcntl(fd, F_SETFL, MUST(fcntl(fd, F_GETFL)) | O_NONBLOCK));
}

void fill(int fd)
{
    static const char bytes[4096];

    while (write(fd, bytes, sizeof bytes) > 0)
        ;
    check(errno == EAGAIN, "write until it is full: %s", strerror(errno));
}

int lift(int fd, int value)
{
    command_descriptors();
    if (fd != value && dup3(fd, value, O_CLOEXEC) < 0)
        check_skip("descriptor %d is more than RLIMIT_NOFILE allows: see ulimit -Hn", value);
    return value;
}

/* --- processes that wait ------------------------------------------------------------ */

enum { ERRNO_AT = 64 };     /* exit statuses: what was returned, or ERRNO_AT + errno */

/* S sleeps, Z has ended, T is stopped, R runs. */
static char state_of(pid_t pid)
{
    char text[512];
    const char *stat = proc_stat(pid, 0, text, sizeof text);

    if (!stat)
        check_skip("/proc/%d/stat: %s; without /proc nobody knows who sleeps", (int)pid,
                   strerror(errno));
    return *stat;
}

/* Until each of them sleeps or has ended.  Two looks in a row must be the same: one that ends
 * may have woken another one just before, and that one was perhaps looked at already. */
static int settle(const pid_t *waiters, int count)
{
    char before[64] = "", now[64] = "";
    int ended;

    for (double end = guard_end();; guard_pause(end, "the waiters to sleep or to end")) {
        bool still = true;

        strcpy(before, now);
        ended = 0;
        for (int i = 0; i < count; i++) {
            now[i] = state_of(waiters[i]);
            ended += now[i] == 'Z';
            still = still && (now[i] == 'S' || now[i] == 'Z');
        }
        if (still && strcmp(before, now) == 0)
            return ended;
    }
}

pid_t waiter(int (*call)(int fd), int fd)
{
    pid_t pid;
    int n;

    fflush(stdout);
    pid = MUST(fork());
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        n = call(fd);
        _exit(n >= 0 ? n : ERRNO_AT + errno);
    }
    settle(&pid, 1);
    return pid;
}

int woken(const pid_t *waiters, int count)
{
    return settle(waiters, count);
}

int sleeps(pid_t waiter)
{
    return settle(&waiter, 1) == 0;
}

int returned(pid_t waiter)
{
    int status;

    MUST(waitpid(waiter, &status, 0));
    check(WIFEXITED(status), "a waiter died of signal %d", WTERMSIG(status));
    status = WEXITSTATUS(status);
    return status < ERRNO_AT ? status : ERRNO_AT - status;
}

int wait_select(int fd)
{
    fd_set readers;

    FD_ZERO(&readers);
    FD_SET(fd, &readers);
    return select(fd + 1, &readers, NULL, NULL, NULL);
}

int wait_poll(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, -1);
}

int wait_epoll(int epoll)
{
    struct epoll_event e;

    return epoll_wait(epoll, &e, 1, -1);
}

int wait_read(int fd)
{
    char byte;

    return fcntl(fd, F_SETFL, 0) < 0 ? -1 : (int)read(fd, &byte, 1);
}

int wait_accept(int listener)
{
    return fcntl(listener, F_SETFL, 0) < 0 || accept(listener, NULL, NULL) < 0 ? -1 : 1;
}
