/* edge - a server that hangs: edge trigger, without the loops that it needs.
 *
 *     $ cc -o edge docs/ladder/11-edge.c && ./edge 0
 *
 * New: EPOLLET.  A descriptor is reported when something happens to it, and not again while it
 * stays ready.  So it is registered once, for both directions, and never changed.
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

/* The limit is here, too: of those who connected since the last edge, one is accepted. */
static void accept_client(struct server *s)
{
    int fd;

    if ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        open_client(s, fd);
}

/* The limit: an edge is told once.  What one recv leaves in the socket is not reported again.
 * Who remembers it? */
static void serve_client(struct client *c)
{
    flush(c);
    if (c->owed == 0 && !c->ending && fill(c))
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
