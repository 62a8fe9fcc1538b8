#define _GNU_SOURCE
#include "loadgen_loop.h"

#include "loadgen_pace.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/*
 * So many connections are opened at a time. All at once would overrun the
 * server's accept queue, and then timers of a second are waited for; one by one,
 * a server that looks at all of its connections each turn takes minutes.
 */
#define OPENING_AT_ONCE 100u

#define TICK 200000000u                 /* ns */
#define BATCH 512

uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

const char *trouble_name(enum trouble t)
{
    static const char *const names[] = {"wrong", "missing", "refused", "connect",
                                        "timeout"};

    return names[t];
}

static const char *advice(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case ETIMEDOUT:
        return "; is the server running?";
    case EADDRNOTAVAIL:
    case EADDRINUSE:
        return "; this machine has no port left for so many clients"
               " (net.ipv4.ip_local_port_range): ask for fewer";
    default:
        return "";
    }
}

static void say_first(struct loop *l, struct connection *c, enum trouble trouble)
{
    fprintf(stderr, "%sloadgen: first '%s': connection %u to %s: ",
            l->live ? "\r\033[K" : "", trouble_name(trouble), c->number, l->o->target);
    if (trouble == TROUBLE_WRONG)
        exchange_explain(l->x, &c->answer, l->in.data, l->in.size, stderr);
    else if (trouble == TROUBLE_TIMEOUT)
        fprintf(stderr, "no reply came to its end for %g s, replies owed: %u\n",
                l->o->timeout, c->owed);
    else if (trouble == TROUBLE_MISSING)
        fprintf(stderr, "%s, replies owed: %u\n",
                c->error ? strerror(c->error) : "closed by the server", c->owed);
    else if (trouble == TROUBLE_REFUSED)
        fprintf(stderr, "the server is full\n");
    else
        fprintf(stderr, "%s: %s%s\n", c->step, strerror(c->error), advice(c->error));
}

void loop_fail(struct loop *l, struct connection *c, enum trouble trouble)
{
    uint64_t *count = &l->r->errors[trouble];

    if (*count == 0)
        say_first(l, c, trouble);
    if (trouble == TROUBLE_MISSING || trouble == TROUBLE_TIMEOUT)
        *count += c->owed > 0 ? c->owed : 1;
    else
        ++*count;
    l->owed -= c->owed;
    l->waiting -= c->waiting;
    c->owed = 0;
    c->waiting = 0;
    connection_close(c);
    if (c->active)
        l->alive--;
    if (trouble == TROUBLE_CONNECT && l->phase == PHASE_OPENING)
        l->stop = l->unopened = 1;      /* the next would fare no better */
}

/* Returns the time when something was received, or 0. */
static uint64_t serve(struct loop *l, struct connection *c, uint32_t events)
{
    int hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    unsigned complete = 0;
    enum trouble trouble;
    uint64_t now;

    if (events & EPOLLOUT)
        connection_push(c, l->x);
    if (!hung_up && !(events & EPOLLIN))
        return 0;
    trouble = connection_pull(c, l->x, &l->in, hung_up, &complete);
    now = now_ns();
    if (complete > 0 || trouble != TROUBLE_NONE)
        l->sign = now;          /* single bytes are none: they could come for ever */
    if (trouble == TROUBLE_MISSING && complete > 0 && c->active
        && l->o->mode == MODE_CHURN)
        trouble = TROUBLE_NONE;         /* after its one reply it may close */
    if (trouble != TROUBLE_NONE) {
        c->owed -= complete;
        l->owed -= complete;
        loop_fail(l, c, trouble);
    } else if (complete > 0) {
        pace_answered(l, c, complete, now);
    }
    return now;
}

/* What is to be seen to a few times a second. */
static void look_around(struct loop *l, uint64_t now)
{
    uint64_t errors = 0;

    l->tick = now + TICK;
    if (l->owed > 0 && now > l->sign + (uint64_t)(l->o->timeout * 1e9))
        l->stop = 1;
    if (!l->live)
        return;
    for (int k = 0; k < TROUBLE_KINDS; k++)
        errors += l->r->errors[k];
    if (l->phase == PHASE_MEASURING) {
        double seconds = (double)(now - l->from) / 1e9;
        fprintf(stderr, "\r%6.1f s  %9.0f/s  %" PRIu64 " errors\033[K", seconds,
                (double)l->r->requests / seconds, errors);
    } else {
        fprintf(stderr, "\r%s, %u connections\033[K",
                l->phase == PHASE_OPENING ? "opening" : "loading", l->opened);
    }
}

static int over(const struct loop *l, uint64_t now, uint64_t until)
{
    if (l->stop || now >= until)
        return 1;
    if (l->to_ask + l->waiting + l->owed == 0)
        return 1;
    return l->phase != PHASE_OPENING && l->alive == 0;
}

/*
 * In open loop it spins instead of sleeping: a sleeper wakes some 50 us late,
 * which would be measured as the server's.
 */
static int patience(const struct loop *l, uint64_t now, uint64_t until)
{
    uint64_t next = until < l->tick ? until : l->tick;

    if (l->o->mode == MODE_OPEN && l->phase != PHASE_OPENING)
        return 0;
    return next > now ? (int)((next - now) / 1000000u) + 1 : 0;
}

static void open_more(struct loop *l)
{
    while (l->opened < l->total && l->owed < OPENING_AT_ONCE && !l->stop)
        pace_connect(l, &l->connections[l->opened++]);
}

/* The first signal is taken from the signalfd, so that the second, no longer
 * blocked, does what it does by default. */
static void interrupt(struct loop *l)
{
    struct signalfd_siginfo info;
    sigset_t set;

    if (read(l->signals, &info, sizeof info) < 0)
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    l->stop = 1;
    l->r->stopped_by = (int)info.ssi_signo;
}

uint64_t loop_spin(struct loop *l, uint64_t until)
{
    struct epoll_event events[BATCH];
    uint64_t now = now_ns();
    int open = l->o->mode == MODE_OPEN && l->phase != PHASE_OPENING;

    while (!over(l, now, until)) {
        unsigned launched = 0;
        uint64_t seen = 0;
        int n;

        if (l->phase == PHASE_OPENING)
            open_more(l);
        if (open)
            launched = pace_launch(l, now);
        if (now >= l->tick)
            look_around(l, now);
        n = epoll_wait(l->ep, events, BATCH, patience(l, now, until));
        for (int k = 0; k < n; k++) {
            uint64_t heard = 0;

            if (events[k].data.ptr)
                heard = serve(l, events[k].data.ptr, events[k].events);
            else
                interrupt(l);
            if (heard > 0)
                seen = heard;
            if (heard > 0 && open)
                pace_launch(l, heard);  /* a long batch must not make us late */
        }
        if (open || seen == 0)
            seen = now_ns();
        if (open && n <= 0 && launched == 0 && l->phase == PHASE_MEASURING)
            l->spare += seen - now;
        now = seen;
    }
    return now;
}
