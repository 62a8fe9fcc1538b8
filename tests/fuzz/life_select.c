#define main select_server_main
#include "../../select_server/select_server.c"
#undef main

#include "../unit/fake.h"
#include "fuzz.h"
#include "life.h"

static struct server server;

struct loop *life_server(void)
{
    FD_ZERO(&server.readers);
    FD_ZERO(&server.writers);
    server.nfds = 0;
    server.program.listener = FAKE_LISTENER;
    return &server.loop;
}

void life_watch(struct conn *c)
{
    watch(&server, c);
}

void life_told(const struct conn *c, bool *read, bool *write)
{
    *read = FD_ISSET(c->fd, &server.readers);
    *write = FD_ISSET(c->fd, &server.writers);
}

bool life_edges(struct conn *c, uint32_t events)
{
    (void)c;
    (void)events;
    return false;
}

/* An error makes a descriptor readable and writable; select knows no more of it. */
bool life_turn(struct conn *c, bool readable, bool writable, bool broken)
{
    bool read, write;

    life_told(c, &read, &write);
    if (!(read && (readable || broken)) && !(write && (writable || broken)))
        return false;
    serve_client(&server, c);
    expect(server.nfds <= server.program.signals + 1
           || server.clients[server.nfds - 1] != NULL,
           "nfds is %d, and no client has descriptor %d", server.nfds, server.nfds - 1);
    return true;
}

void life_expire(void)
{
    expire_clients(&server);
}

void life_stop(void)
{
    stop(&server);
}
