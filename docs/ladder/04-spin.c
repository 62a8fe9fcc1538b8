/* spin - an echo server that asks each client in turn: have you sent something?
 *
 *     $ cc -o spin docs/ladder/04-spin.c && ./spin 0
 *
 * New: calls that do not wait.  SOCK_NONBLOCK makes it so for a socket (the listener, in
 * parts.h), MSG_DONTWAIT for one call.  Instead of waiting they return -1 with EAGAIN.
 */
#define _GNU_SOURCE
#include "parts.h"

enum { CLIENTS = 1000 };    /* one more is closed at once */

struct server {
    int listener;
    int clients[CLIENTS];
    int used;
};

/* The last client moves into the place that becomes free. */
static void drop(struct server *s, int slot)
{
    close(s->clients[slot]);
    s->clients[slot] = s->clients[--s->used];
}

static void accept_client(struct server *s)
{
    int client = accept(s->listener, NULL, NULL);

    if (client < 0)
        return;
    if (s->used == CLIENTS)
        close(client);
    else
        s->clients[s->used++] = client;
}

/* One recv, and no second one before all others had a turn.  (send may still wait, for a
 * client that does not read.  Rung 9 is about that.) */
static void serve_client(struct server *s, int slot)
{
    int client = s->clients[slot];
    char bytes[4096];
    ssize_t n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;    /* it is silent */
    if (n <= 0 || !send_all(client, bytes, (size_t)n))
        drop(s, slot);
}

int main(int argc, char **argv)
{
    static struct server s;

    s.listener = listen_on(argc, argv, "echo");
    /* The limit: this loop never sleeps, not even while nobody speaks. */
    for (;;) {
        accept_client(&s);
        for (int slot = s.used; slot-- > 0; )    /* backwards, so drop skips nobody */
            serve_client(&s, slot);
    }
}
