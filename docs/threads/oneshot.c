/* oneshot - a pool of threads that wait on one epoll instance, and EPOLLONESHOT.
 *
 *     $ build/oneshot                     each event disarms its descriptor: no damage
 *     $ build/oneshot --without           the same without it, level-triggered
 *     $ build/oneshot --without --edge    and edge-triggered, which is no cure
 *
 * Any thread may get any event, so a connection belongs to nobody.  Requests are numbers,
 * a reply is the same number, and a thread thinks between its recv and its send.  Bytes
 * that arrive meanwhile are a new event, and another thread gets that one: then two
 * threads answer one connection, and who is faster sends first.  EPOLLONESHOT disarms a
 * descriptor with its event; the thread arms it again (EPOLL_CTL_MOD) when its turn is over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 4, CONNECTIONS = 2, REQUESTS = 8000, UNANSWERED = 8, STUCK_MS = 10000 };

struct connection {
    int         fd, client;      /* the server's end, and the other one */
    atomic_uint inside;          /* threads that are in a turn of it */
    uint32_t    asked, heard;    /* of the client: requests sent, replies received */
};

static struct {
    int           epoll;
    uint32_t      events;        /* what a connection is armed with */
    struct connection connections[CONNECTIONS];
    atomic_ulong  armed, crowded;
    unsigned long late;
} s;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void arm(int operation, struct connection *c)
{
    struct epoll_event e = { .events = s.events, .data.ptr = c };

    if (epoll_ctl(s.epoll, operation, c->fd, &e) < 0)
        fail("oneshot: epoll_ctl");
}

/* One turn: one request.  The next wait reports the next one, unless it waits for edges. */
static void serve(struct connection *c)
{
    uint32_t number;

    if (atomic_fetch_add(&c->inside, 1) > 0)
        atomic_fetch_add(&s.crowded, 1);
    while (recv(c->fd, &number, sizeof number, MSG_DONTWAIT) == (ssize_t)sizeof number) {
        sched_yield();    /* it thinks, and others run */
        if (send(c->fd, &number, sizeof number, MSG_NOSIGNAL) < 0 || !(s.events & EPOLLET))
            break;
    }
    atomic_fetch_sub(&c->inside, 1);
    if (s.events & EPOLLONESHOT) {
        atomic_fetch_add(&s.armed, 1);
        arm(EPOLL_CTL_MOD, c);    /* reports what came meanwhile */
    }
}

static void *wait_and_serve(void *unused)
{
    struct epoll_event e;

    for (;;)
        if (epoll_wait(s.epoll, &e, 1, -1) == 1)
            serve(e.data.ptr);
    return unused;
}

/* The client's turn: look at the replies that are there, and ask more in advance. */
static void hear_and_ask(struct connection *c)
{
    uint32_t number;

    while (recv(c->client, &number, sizeof number, MSG_DONTWAIT) == (ssize_t)sizeof number)
        s.late += number != c->heard++;
    for (; c->asked < REQUESTS && c->asked - c->heard < UNANSWERED; c->asked++)
        if (send(c->client, &c->asked, sizeof c->asked, MSG_NOSIGNAL) < 0)
            fail("oneshot: the client's send");
}

static void converse(void)
{
    struct pollfd slots[CONNECTIONS];
    int busy;

    do {
        busy = 0;
        for (int i = 0; i < CONNECTIONS; i++) {
            hear_and_ask(&s.connections[i]);
            if (s.connections[i].heard < REQUESTS)
                slots[busy++] = (struct pollfd){ s.connections[i].client, POLLIN, 0 };
        }
        if (busy > 0 && poll(slots, (nfds_t)busy, STUCK_MS) == 0)
            fail("oneshot: a connection hangs");
    } while (busy > 0);
}

int main(int argc, char **argv)
{
    static const struct option names[] = { { "without", no_argument, NULL, 'w' },
                                           { "edge", no_argument, NULL, 'e' },
                                           { NULL, 0, NULL, 0 } };
    uint32_t oneshot = EPOLLONESHOT, edge = 0;
    pthread_t thread;
    int ends[2], o;

    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)    /* a socket would get its number, and the text */
        fail("oneshot: stdout");
    while ((o = getopt_long(argc, argv, "", names, NULL)) != -1)
        switch (o) {
        case 'w': oneshot = 0; break;
        case 'e': edge = EPOLLET; break;
        default: return fputs("usage: oneshot [--without] [--edge]\n", stderr), 2;
        }
    s.events = EPOLLIN | oneshot | edge;
    if ((s.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        fail("oneshot: epoll_create1");
    for (int i = 0; i < CONNECTIONS; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            fail("oneshot: socketpair");
        s.connections[i] = (struct connection){ .fd = ends[0], .client = ends[1] };
        arm(EPOLL_CTL_ADD, &s.connections[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        if ((errno = pthread_create(&thread, NULL, wait_and_serve, NULL)) != 0)
            fail("oneshot: pthread_create");
    }
    converse();
    printf("%d threads, %d connections, %d requests, %s%s\n", THREADS, CONNECTIONS,
           CONNECTIONS * REQUESTS, edge ? "edge" : "level", oneshot ? ", EPOLLONESHOT" : "");
    printf("  turns with another thread in the same connection  %6lu\n", s.crowded);
    printf("  replies that came out of order                    %6lu\n", s.late);
    printf("  calls of epoll_ctl to arm a connection again      %6lu\n", s.armed);
    if (fflush(stdout) != 0)
        fail("oneshot: stdout");
    return EXIT_SUCCESS;
}
