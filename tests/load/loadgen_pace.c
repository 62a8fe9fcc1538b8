#define _GNU_SOURCE
#include "loadgen_pace.h"

#include <errno.h>
#include <sys/epoll.h>

/* Of a rate that nobody can keep up with, so much at a time: replies have to be
 * received as well. */
#define LAUNCH_MOST 256

/* Edge-triggered and registered once, as in epoll_et_server. A connection that
 * asks only once need not hear of room to write, unless it has been short. */
static int watch(struct loop *l, struct connection *c)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c};

    if (c->unwritten > 0 || (c->active && l->o->mode != MODE_CHURN))
        e.events |= EPOLLOUT;
    return epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &e);
}

static void ask(struct loop *l, struct connection *c, unsigned n, uint64_t due,
                uint64_t now)
{
    if (l->owed == 0)
        l->sign = now;
    l->owed += n;
    while (n-- > 0)
        connection_ask(c, l->x, due, now);
    connection_push(c, l->x);
}

static unsigned let_out(struct loop *l, unsigned n)
{
    if (n > l->to_ask)
        n = (unsigned)l->to_ask;
    l->to_ask -= n;
    return n;
}

/* Latency counts from the connect. */
void pace_connect(struct loop *l, struct connection *c)
{
    uint64_t now = now_ns();

    if (let_out(l, 1) == 0)
        return;
    if (l->phase == PHASE_MEASURING)
        l->r->connections++;
    if (connection_open(c, l->x, l->serial++, &l->o->address, l->o->address_size) < 0) {
        loop_fail(l, c, TROUBLE_CONNECT);
        return;
    }
    ask(l, c, 1, now, now);
    if (watch(l, c) < 0) {
        c->step = "epoll_ctl";
        c->error = errno;
        loop_fail(l, c, TROUBLE_CONNECT);
    }
}

uint64_t pace_due(const struct loop *l, uint64_t k)
{
    return l->start + (uint64_t)((double)k * (1e9 / l->o->rate));
}

int pace_in_window(const struct loop *l, uint64_t t)
{
    return t >= l->from && t < l->till;
}

/* Sends what is due on c, as far as its pipeline has room. */
static void send_due(struct loop *l, struct connection *c, uint64_t now)
{
    while (c->waiting > 0 && c->owed < c->depth) {
        ask(l, c, 1, pace_due(l, c->next), now);
        c->next += l->o->active;
        c->waiting--;
        l->waiting--;
    }
}

unsigned pace_launch(struct loop *l, uint64_t now)
{
    unsigned n = 0;
    uint64_t due;

    while (n < LAUNCH_MOST && l->to_ask > 0 && (due = pace_due(l, l->due)) <= now) {
        struct connection *c = l->active[l->due++ % l->o->active];
        uint64_t seen = now_ns();

        n++;
        l->to_ask--;
        if (c->fd < 0)
            continue;
        if (pace_in_window(l, due))
            histogram_add(&l->r->lag, seen - due);
        c->waiting++;
        l->waiting++;
        send_due(l, c, seen);
    }
    return n;
}

static void note(struct loop *l, struct request r, uint64_t now)
{
    int measuring = l->phase == PHASE_MEASURING;

    if (measuring)
        l->r->requests++;
    if (l->o->mode != MODE_OPEN) {
        if (measuring)
            histogram_add(&l->r->latency, now - r.sent);
    } else if (pace_in_window(l, r.due)) {
        histogram_add(&l->r->latency, now - r.due);
        histogram_add(&l->r->uncorrected, now - r.sent);
    }
}

void pace_answered(struct loop *l, struct connection *c, unsigned n, uint64_t now)
{
    for (unsigned k = 0; k < n; k++)
        note(l, connection_answered(c), now);
    l->owed -= n;
    if (l->phase == PHASE_OPENING || !c->active)
        return;
    switch (l->o->mode) {
    case MODE_CLOSED:
        ask(l, c, let_out(l, n), now, now);
        break;
    case MODE_OPEN:
        send_due(l, c, now);
        break;
    case MODE_CHURN:
        connection_close(c);
        pace_connect(l, c);
        break;
    }
}

void pace_begin(struct loop *l)
{
    l->start = now_ns();
    for (unsigned k = 0; k < l->o->active; k++) {
        struct connection *c = l->active[k];

        c->next = k;
        if (l->o->mode == MODE_CHURN)
            pace_connect(l, c);
        else if (l->o->mode == MODE_CLOSED && c->fd >= 0)
            ask(l, c, let_out(l, c->depth), l->start, l->start);
    }
}
