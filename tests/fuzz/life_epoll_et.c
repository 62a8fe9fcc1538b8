#define main epoll_et_server_main
#include "../../epoll_et_server/epoll_et_server.c"
#undef main

#include <stdlib.h>

#include "life.h"

static struct server server;

/* Registered once, for everything: linked with --wrap=epoll_ctl. */
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e)
{
    (void)epoll;
    (void)e;
    if (fd != server.shared.listener && operation != EPOLL_CTL_ADD)
        abort();
    return 0;
}

struct shared *life_server(void)
{
    link_init(&server.ready);
    return &server.shared;
}

void life_watch(struct conn *c)
{
    watch(&server, c);
}

void life_told(const struct conn *c, bool *read, bool *write)
{
    *read = conn_wants_read(c);
    *write = conn_wants_write(c);
}

bool life_edges(struct conn *c, uint32_t events)
{
    note_edges(&server, c, events);
    return true;
}

/* What is ready now raises no edge: only the ready list counts. */
bool life_turn(struct conn *c, bool readable, bool writable, bool broken)
{
    (void)c;
    (void)readable;
    (void)writable;
    (void)broken;
    if (link_alone(&server.ready))
        return false;
    serve_ready(&server);
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
