/* drain - edge trigger with the loops that it needs.
 *
 *     $ cc -o drain docs/ladder/12-drain.c && ./drain 0
 *
 * New: two loops.  We go on until the kernel says EAGAIN: there is no more.  Whatever comes
 * after that is news, and is reported.
 */
#define _GNU_SOURCE
#include <sys/epoll.h>
#include "parts.h"
#include "frames.h"
#include "client.h"

struct server {
    int epoll;
    int listener;
};

/* Puts fd on the kernel's list.  Each event brings c back; for the listener c is NULL. */
static bool watch(struct server *s, int fd, struct client *c)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };

    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* close takes the descriptor off the kernel's list, too. */
static void drop(struct client *c)
{
    close(c->fd);
    free(c);
}

static void open_client(struct server *s, int fd)
{
    struct client *c = calloc(1, sizeof *c);

    if (c == NULL) {
        close(fd);
        return;
    }
    c->fd = fd;
    if (!watch(s, fd, c))
        drop(c);
}

/* The limit: without a free descriptor this loop ends before EAGAIN.  There is no spin, but who
 * waits in the queue now is forgotten, also when a descriptor becomes free.
 * ECONNABORTED: this one gave up; there may be others.  (accept(2) has more such errors.) */
static void accept_client(struct server *s)
{
    int fd;

    while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0 || errno == ECONNABORTED)
        if (fd >= 0)
            open_client(s, fd);
}

/* Until the client has no more for us, or takes no more from us.  (One that never stops keeps
 * the others waiting: the epoll_et_server has a budget and a list of those who wait.) */
static void serve_client(struct client *c)
{
    flush(c);
    while (c->owed == 0 && !c->ending && fill(c))
        flush(c);
    if (c->ending && c->owed == 0)
        drop(c);
}

int main(int argc, char **argv)
{
    struct server s = { .epoll = epoll_create1(0), .listener = listen_on(argc, argv, "calc") };
    struct epoll_event ready[64];

    if (s.epoll < 0 || !watch(&s, s.listener, NULL))
        err(1, "epoll");
    for (;;) {
        int n = epoll_wait(s.epoll, ready, 64, -1);

        if (n < 0 && errno != EINTR)    /* EINTR: after Ctrl-Z and fg */
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr == NULL)
                accept_client(&s);
            else
                serve_client(ready[i].data.ptr);
        }
    }
}
