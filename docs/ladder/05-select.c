/* select - an echo server that sleeps until the kernel says who has sent something.
 *
 *     $ cc -o select docs/ladder/05-select.c && ./select 0
 *
 * New: select.  The list of clients is now a set of bits, one bit for each descriptor.
 */
#define _GNU_SOURCE
#include <sys/select.h>
#include "parts.h"

struct server {
    int listener;
    fd_set watched;
    int highest;    /* no higher descriptor is in the set */
};

static void watch(struct server *s, int fd)
{
    FD_SET(fd, &s->watched);
    if (fd > s->highest)
        s->highest = fd;
}

static void drop(struct server *s, int client)
{
    FD_CLR(client, &s->watched);
    close(client);
}

/* The limit: a set has FD_SETSIZE bits, 1,024 of them.  FD_SET of a higher descriptor is a
 * write into the memory behind the set. */
static void accept_client(struct server *s)
{
    int client = accept(s->listener, NULL, NULL);

    if (client < 0)
        return;    /* without a free descriptor this spins: see rung 10 */
    if (client >= FD_SETSIZE)
        close(client);
    else
        watch(s, client);
}

/* One recv; if more is there, the next select says so at once.  (send may still wait, for a
 * client that does not read.  Rung 9 is about that.) */
static void serve_client(struct server *s, int client)
{
    char bytes[4096];
    ssize_t n = recv(client, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;    /* rare: what select saw was discarded since */
    if (n <= 0 || !send_all(client, bytes, (size_t)n))
        drop(s, client);
}

int main(int argc, char **argv)
{
    static struct server s;

    s.listener = listen_on(argc, argv, "echo");
    if (s.listener >= FD_SETSIZE)
        errx(1, "all descriptors below %d are in use", FD_SETSIZE);
    watch(&s, s.listener);
    for (;;) {
        fd_set ready = s.watched;    /* a copy: select leaves only the ready ones in it */

        if (select(s.highest + 1, &ready, NULL, NULL, NULL) < 0)
            err(1, "select");
        for (int fd = s.highest; fd >= 0; fd--) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd == s.listener)
                accept_client(&s);
            else
                serve_client(&s, fd);
        }
    }
}
