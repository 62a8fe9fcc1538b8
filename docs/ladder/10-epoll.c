/* epoll - a server that computes, and tells the kernel only what changes.
 *
 *     $ cc -o epoll docs/ladder/10-epoll.c && ./epoll 0
 *
 * New: epoll.  The kernel keeps the list of descriptors, and names the ready ones.
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

/* Puts fd on the kernel's list (ADD), or changes what its entry waits for (MOD).  Each event
 * brings c back; for the listener c is NULL. */
static bool watch(struct server *s, int operation, int fd, uint32_t events, struct client *c)
{
    struct epoll_event event = { .events = events, .data.ptr = c };

    return epoll_ctl(s->epoll, operation, fd, &event) == 0;
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
    if (!watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c))
        drop(c);
}

/* The limit: without a free descriptor accept4 fails, and whoever connected stays in the
 * queue.  The listener stays ready, so epoll_wait returns at once, and we spin. */
static void accept_client(struct server *s)
{
    int fd;

    if ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        open_client(s, fd);
}

/* While replies wait, we do not read.  So a client that does not read delays only itself. */
static void serve_client(struct server *s, struct client *c)
{
    bool waited = c->owed > 0, waits;

    flush(c);
    if (c->owed == 0 && !c->ending && fill(c))
        flush(c);
    waits = c->owed > 0;
    if (waits != waited && !watch(s, EPOLL_CTL_MOD, c->fd, waits ? EPOLLOUT : EPOLLIN, c))
        drop(c);
    else if (c->ending && !waits)
        drop(c);
}

int main(int argc, char **argv)
{
    struct server s = { .epoll = epoll_create1(0), .listener = listen_on(argc, argv, "calc") };
    struct epoll_event ready[64];

    if (s.epoll < 0 || !watch(&s, EPOLL_CTL_ADD, s.listener, EPOLLIN, NULL))
        err(1, "epoll");
    for (;;) {
        int n = epoll_wait(s.epoll, ready, 64, -1);

        if (n < 0 && errno != EINTR)    /* EINTR: after Ctrl-Z and fg */
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr == NULL)
                accept_client(&s);
            else
                serve_client(&s, ready[i].data.ptr);
        }
    }
}
