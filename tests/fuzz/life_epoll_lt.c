#define main epoll_lt_server_main
#include "../../epoll_lt_server/epoll_lt_server.c"
#undef main

#include "../unit/fake.h"
#include "life.h"

static struct server server;
static uint32_t told;

/* The interest list, of one client: linked with --wrap=epoll_ctl. */
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *e)
{
    (void)epoll;
    (void)operation;
    if (fd == server.program.listener)
        return 0;
    told = e->events;
    return 0;
}

struct loop *life_server(void)
{
    server.program.listener = FAKE_LISTENER;
    return &server.loop;
}

void life_watch(struct conn *c)
{
    watch(&server, c);
}

void life_told(const struct conn *c, bool *read, bool *write)
{
    (void)c;
    *read = told & EPOLLIN;
    *write = told & EPOLLOUT;
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
