#define main poll_server_main
#include "../../poll_server/poll_server.c"
#undef main

#include "../unit/fake.h"
#include "life.h"

static struct server server;

struct loop *life_server(void)
{
    server.used = CLIENTS;
    if (!make_room(&server))
        abort();
    server.program.listener = FAKE_LISTENER;
    return &server.loop;
}

void life_watch(struct conn *c)
{
    watch(&server, c);
}

void life_told(const struct conn *c, bool *read, bool *write)
{
    *read = server.slots[c->slot].events & POLLIN;
    *write = server.slots[c->slot].events & POLLOUT;
}

bool life_edges(struct conn *c, uint32_t events)
{
    (void)c;
    (void)events;
    return false;
}

/* An error is reported, asked for or not. */
bool life_turn(struct conn *c, bool readable, bool writable, bool broken)
{
    bool read, write;

    life_told(c, &read, &write);
    if (!(read && readable) && !(write && writable) && !broken)
        return false;
    serve_client(&server, c);
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
