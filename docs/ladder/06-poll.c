/* poll - an echo server that hands the kernel an array with an entry for each client.
 *
 *     $ cc -o poll docs/ladder/06-poll.c && ./poll 0
 *
 * New: poll.  An entry names its descriptor, so the array is as long as there are clients.
 */
#define _GNU_SOURCE
#include <poll.h>
#include "parts.h"

enum { CLIENTS = 4000 };    /* one more is closed at once */

struct server {
    struct pollfd slots[1 + CLIENTS];    /* the first is the listener */
    nfds_t used;
};

/* The last client moves into the place that becomes free. */
static void drop(struct server *s, nfds_t slot)
{
    close(s->slots[slot].fd);
    s->slots[slot] = s->slots[--s->used];
}

static void accept_client(struct server *s)
{
    int client = accept(s->slots[0].fd, NULL, NULL);

    if (client < 0)
        return;    /* without a free descriptor this spins: see rung 10 */
    if (s->used > CLIENTS)
        close(client);
    else    /* It sets revents to 0, too: an old value would look like a report. */
        s->slots[s->used++] = (struct pollfd){ .fd = client, .events = POLLIN };
}

/* One recv; if more is there, the next poll says so at once.  (send may still wait, for a
 * client that does not read.  Rung 9 is about that.)
 *
 * The limit: it sends back what came, and understands none of it. */
static void serve_client(struct server *s, nfds_t slot)
{
    int client = s->slots[slot].fd;
    char bytes[4096];
    ssize_t n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;    /* rare: what poll saw was discarded since */
    if (n <= 0 || !send_all(client, bytes, (size_t)n))
        drop(s, slot);
}

int main(int argc, char **argv)
{
    static struct server s = { .used = 1 };

    s.slots[0] = (struct pollfd){ .fd = listen_on(argc, argv, "echo"), .events = POLLIN };
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
