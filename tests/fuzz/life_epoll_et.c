#define main epoll_et_server_main
#include "../../epoll_et_server/epoll_et_server.c"
#undef main

#include <stdlib.h>

#include "../unit/fake.h"
#include "life.h"

static struct server server;
static uint32_t news;    /* the edges since the last wait */

/* Registered once, for everything: linked with --wrap=epoll_ctl. */
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e)
{
    (void)epoll;
    (void)e;
    (void)fd;
    if (operation != EPOLL_CTL_ADD)
        abort();
    return 0;
}

struct loop *life_server(void)
{
    link_init(&server.ready);
    news = 0;
    server.program.listener = FAKE_LISTENER;
    return &server.loop;
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
    (void)c;
    news |= events;
    return true;
}

/* What is ready now raises no edge: only news and the ready list count. */
bool life_turn(struct conn *c, bool readable, bool writable, bool broken)
{
    struct link *last = server.ready.prev;
    uint32_t events = news;

    (void)readable;
    (void)writable;
    (void)broken;
    if (events == 0 && last == &server.ready)
        return false;
    news = 0;
    if (events != 0)
        hear_client(&server, c, events);
    serve_ready(&server, last);
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
