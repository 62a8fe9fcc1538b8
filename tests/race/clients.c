#define _GNU_SOURCE
#include "clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    BATCH = 256,
    AT_ONCE = 64,               /* that connect and have no reply yet: below any backlog */
    ECHO_BYTES = 64,
    STUCK_MS = 5000
};

struct client {
    struct connection connection;
    struct request requests[DEPTH_MAX];
};

static struct exchange exchange;
static struct received in;

void lanes_ask(const char *service)
{
    exchange_make(&exchange, strcmp(service, "http") == 0 ? SERVICE_HTTP
                  : strcmp(service, "echo") == 0 ? SERVICE_ECHO : SERVICE_CALC,
                  ECHO_BYTES, 1, "127.0.0.1");
}

void clients_open(struct lane *l, int most)
{
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->clients = calloc((size_t)most, sizeof *l->clients);
    if (l->epoll < 0 || l->clients == NULL)
        lane_out(l, "no room for its clients: %s", strerror(errno));
}

static void ask(struct lane *l, struct connection *c, unsigned requests)
{
    for (unsigned i = 0; i < requests; i++)
        connection_ask(c, &exchange, 0, 0);
    l->owed += requests;
    connection_push(c, &exchange);
}

static void hang_up(struct lane *l, struct connection *c)
{
    l->owed -= c->owed;
    c->owed = 0;
    connection_close(c);
}

/* What went wrong with a client that is owed a reply puts the server out of the race, but for
 * a refusal; that one which only stayed may go. */
static void trouble(struct lane *l, struct connection *c, enum trouble what)
{
    char text[400] = "";
    FILE *to;

    if (what == TROUBLE_REFUSED) {
        l->standing.full = true;
    } else if (what == TROUBLE_WRONG) {
        to = fmemopen(text, sizeof text, "w");
        if (to != NULL) {
            exchange_explain(&exchange, &c->answer, in.data, in.size, to);
            fclose(to);
        }
        text[strcspn(text, "\n")] = '\0';
        lane_out(l, "wrong reply: %s", text);
    } else if (c->owed > 0) {
        lane_out(l, "it lost a client that waits for a reply%s%s", c->error ? ": " : "",
                 c->error ? strerror(c->error) : "");
    }
    hang_up(l, c);
}

static void take(struct lane *l, struct connection *c, unsigned events)
{
    enum trouble what = TROUBLE_NONE;
    unsigned complete = 0, again;

    if (c->fd < 0)
        return;
    if (events & ~(unsigned)EPOLLOUT)
        what = connection_pull(c, &exchange, &in,
                               (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0, &complete);
    for (unsigned i = 0; i < complete; i++)
        connection_answered(c);
    l->owed -= complete;
    l->replies += complete;
    if (what != TROUBLE_NONE) {
        trouble(l, c, what);
        return;
    }
    again = complete > 0 && now() < l->until ? complete : 0;
    if (again > 0)
        ask(l, c, again);
    else if (c->unwritten > 0)
        connection_push(c, &exchange);
}

/* Until nobody is owed a reply.  False if none came for long, or the lane is out. */
static bool settle(struct lane *l)
{
    struct epoll_event events[BATCH];
    double sign = now();

    while (l->owed > 0 && l->standing.out == NULL) {
        int n = epoll_wait(l->epoll, events, BATCH, STUCK_MS);

        if (n > 0)
            sign = now();
        else if (now() - sign > STUCK_MS / 1e3)
            return false;
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;

            take(l, &c->connection, events[i].events);
        }
    }
    return l->standing.out == NULL;
}

/* Those that have gone leave no gap. */
static void close_ranks(struct lane *l)
{
    int left = 0;

    for (int i = 0; i < l->standing.clients; i++) {
        if (l->clients[i]->connection.fd >= 0)
            l->clients[left++] = l->clients[i];
        else
            free(l->clients[i]);
    }
    l->standing.clients = left;
}

static bool connect_one(struct lane *l)
{
    struct sockaddr_storage to = { .ss_family = AF_INET };
    struct sockaddr_in *address = (struct sockaddr_in *)&to;
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };

    address->sin_port = htons((uint16_t)l->port);
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (c == NULL)
        return false;
    e.data.ptr = c;
    c->connection.depth = 1;
    c->connection.requests = c->requests;
    if (connection_open(&c->connection, &exchange, l->serial++, &to, sizeof *address) < 0
        || epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->connection.fd, &e) < 0) {
        lane_out(l, "a client cannot connect: %s", strerror(errno));
        connection_close(&c->connection);
        free(c);
        return false;
    }
    l->clients[l->standing.clients++] = c;
    ask(l, &c->connection, 1);
    return true;
}

/* Events of those that only stay: a server that closes them is seen here. */
static void look(struct lane *l)
{
    struct epoll_event events[BATCH];
    int n;

    while ((n = epoll_wait(l->epoll, events, BATCH, 0)) > 0)
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;

            take(l, &c->connection, events[i].events);
        }
    close_ranks(l);
}

void clients_fit(struct lane *l, int want)
{
    l->until = 0;
    look(l);
    while (l->standing.clients > want) {
        struct client *last = l->clients[--l->standing.clients];

        connection_close(&last->connection);
        free(last);
    }
    while (l->standing.clients < want && !l->standing.full && l->standing.out == NULL) {
        int had = l->standing.clients, some = want - had;

        for (int i = 0; i < some && i < AT_ONCE; i++)
            if (!connect_one(l))
                return;
        if (!settle(l))
            lane_out(l, "a new client got no reply for 5 s");
        close_ranks(l);
        if (l->standing.clients == had && !l->standing.full)
            lane_out(l, "it closes each client after a reply");
    }
}

bool clients_turn(struct lane *l, const struct load *load, double seconds)
{
    int active = load->active < l->standing.clients ? load->active : l->standing.clients;

    l->until = now() + seconds;
    for (int i = 0; i < active; i++) {
        struct connection *c = &l->clients[i]->connection;

        c->depth = (unsigned)load->depth;
        c->oldest = 0;
        if (c->fd >= 0)
            ask(l, c, c->depth);
    }
    return settle(l);
}

void clients_close(struct lane *l)
{
    for (int i = 0; i < l->standing.clients; i++) {
        connection_close(&l->clients[i]->connection);
        free(l->clients[i]);
    }
    free(l->clients);
    l->clients = NULL;
    l->standing.clients = 0;
    l->owed = 0;
    if (l->epoll >= 0)
        close(l->epoll);
    l->epoll = -1;
}
