/* replies - a server that computes, and never waits for a client to read.
 *
 *     $ cc -o replies docs/ladder/09-replies.c && ./replies 0
 *
 * New: no send waits.  What the socket has no room for stays with us, until POLLOUT.
 */
#define _GNU_SOURCE
#include <poll.h>
#include "parts.h"
#include "frames.h"

enum { CLIENTS = 4000 };    /* one more is closed at once */

struct server {
    struct pollfd slots[1 + CLIENTS];    /* the first is the listener */
    struct client *clients[1 + CLIENTS];
    nfds_t used;
};

/* The last client moves into the place that becomes free. */
static void drop(struct server *s, nfds_t slot)
{
    close(s->slots[slot].fd);
    free(s->clients[slot]);
    s->slots[slot] = s->slots[--s->used];
    s->clients[slot] = s->clients[s->used];
}

static void accept_client(struct server *s)
{
    int fd = accept4(s->slots[0].fd, NULL, NULL, SOCK_NONBLOCK);
    struct client *c = NULL;

    if (fd < 0)
        return;    /* without a free descriptor this spins: see rung 10 */
    if (s->used > CLIENTS || (c = calloc(1, sizeof *c)) == NULL) {
        close(fd);
        return;
    }
    c->fd = fd;
    s->clients[s->used] = c;
    s->slots[s->used++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* One send.  What the socket has no room for stays in the output. */
static void flush(struct client *c)
{
    ssize_t n = c->owed > 0 ? send(c->fd, c->out, c->owed, MSG_NOSIGNAL) : 0;

    if (n > 0) {
        c->owed -= (size_t)n;
        memmove(c->out, c->out + n, c->owed);
    } else if (n < 0 && errno != EAGAIN) {
        c->ending = true;
        c->owed = 0;    /* nobody is left to get it */
    }
}

/* One recv, and the replies to what it brought.  False: there was nothing to receive. */
static bool fill(struct client *c)
{
    ssize_t n = recv(c->fd, c->in + c->held, IN - c->held, 0);

    if (n < 0 && errno == EAGAIN)
        return false;
    c->held += n > 0 ? (size_t)n : 0;
    c->ending = n <= 0;
    answer_frames(c);
    return true;
}

/* While replies wait, we do not read.  So a client that does not read delays only itself. */
static void serve_client(struct server *s, nfds_t slot)
{
    struct client *c = s->clients[slot];

    flush(c);
    if (c->owed == 0 && !c->ending && fill(c))
        flush(c);
    s->slots[slot].events = c->owed > 0 ? POLLOUT : POLLIN;
    if (c->ending && c->owed == 0)
        drop(s, slot);
}

int main(int argc, char **argv)
{
    static struct server s = { .used = 1 };

    s.slots[0] = (struct pollfd){ .fd = listen_on(argc, argv, "calc"), .events = POLLIN };
    /* The limit: each poll hands over everybody, and the kernel asks after everybody. */
    for (;;) {
        if (poll(s.slots, s.used, -1) < 0)
            err(1, "poll");
        for (nfds_t slot = s.used; slot-- > 1; )    /* backwards, so drop skips nobody */
            if (s.slots[slot].revents != 0)         /* POLLHUP, POLLERR: recv will tell */
                serve_client(&s, slot);
        if (s.slots[0].revents != 0)
            accept_client(&s);
    }
}
