/* frames - a server that computes, and finds the requests in the stream of bytes.
 *
 *     $ cc -o frames docs/ladder/08-frames.c && ./frames 0
 *
 * New: each client has an input buffer, where half a request waits for the other half.
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
    int fd = accept(s->slots[0].fd, NULL, NULL);
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

/* One recv; if more is there, the next poll says so at once.
 *
 * The limit: send waits until this client has read enough, and all others wait with it. */
static void serve_client(struct server *s, nfds_t slot)
{
    struct client *c = s->clients[slot];
    ssize_t n = recv(c->fd, c->in + c->held, IN - c->held, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;    /* rare: what poll saw was discarded since */
    c->held += n > 0 ? (size_t)n : 0;
    c->ending = n <= 0;
    answer_frames(c);
    if (!send_all(c->fd, c->out, c->owed) || c->ending)
        drop(s, slot);
    else
        c->owed = 0;
}

int main(int argc, char **argv)
{
    static struct server s = { .used = 1 };

    s.slots[0] = (struct pollfd){ .fd = listen_on(argc, argv, "calc"), .events = POLLIN };
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
