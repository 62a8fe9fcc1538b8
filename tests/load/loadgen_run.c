#define _GNU_SOURCE
#include "loadgen_run.h"

#include "../lib/command.h"
#include "loadgen_pace.h"
#include "loadgen_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define SPARE_DESCRIPTORS 10u   /* stdio, epoll, signalfd, what we were started with */

/*
 * An overloaded server would have to be waited for without end: what was due
 * in the window and still could not be sent by so long after it is given up.
 */
#define CATCH_UP 1000000000u    /* ns */

#define FOREVER (UINT64_MAX / 2)        /* of time, and of requests */

static int complain(const char *what)
{
    fprintf(stderr, "loadgen: %s: %s\n", what, strerror(errno));
    return -1;
}

static int raise_descriptors(unsigned connections)
{
    long most = command_descriptors();

    if (most >= (long)(connections + SPARE_DESCRIPTORS))
        return 0;
    fprintf(stderr, "loadgen: %u connections need %u descriptors, and the hard limit is"
            " %ld: raise it (ulimit -Hn) or ask for fewer\n", connections,
            connections + SPARE_DESCRIPTORS, most);
    return -1;
}

static int watch_signals(struct loop *l)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    struct sigaction hangup;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);        /* nohup(1) asks to stay */
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return complain("sigprocmask");
    l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (l->signals < 0 || epoll_ctl(l->ep, EPOLL_CTL_ADD, l->signals, &e) < 0)
        return complain("signalfd");
    return 0;
}

/* In the order of opening the active ones are spread evenly among the idle:
 * they are not to be the low descriptors of the server, nor the high ones. */
static int lay_out(struct loop *l)
{
    const struct options *o = l->o;
    unsigned opened_first = o->mode == MODE_CHURN ? 0 : o->active;
    unsigned total = o->active + o->idle, a = 0;
    size_t requests = (size_t)o->active * o->pipeline + o->idle;
    struct request *ring = l->requests = calloc(requests, sizeof *ring);

    l->connections = calloc(total, sizeof *l->connections);
    l->active = calloc(o->active, sizeof *l->active);
    if (!ring || !l->connections || !l->active)
        return complain("calloc");
    for (unsigned k = 0; k < total; k++) {
        struct connection *c = &l->connections[k];

        c->fd = -1;
        c->active = opened_first > 0
                        ? (uint64_t)(k + 1) * o->active / total > a
                        : k >= o->idle;         /* churn: the idle ones first */
        c->depth = c->active ? o->pipeline : 1;
        c->requests = ring;
        ring += c->depth;
        if (c->active)
            l->active[a++] = c;
    }
    l->total = opened_first + o->idle;
    l->alive = o->active;
    return 0;
}

static void fail_late_ones(struct loop *l)
{
    for (unsigned k = 0; k < l->o->active + l->o->idle; k++)
        if (l->connections[k].fd >= 0 && l->connections[k].owed > 0)
            loop_fail(l, &l->connections[k], TROUBLE_TIMEOUT);
}

/* After the window only what was due in it is still to be asked. */
static uint64_t left_to_ask(const struct loop *l)
{
    uint64_t left = 0;

    if (l->o->mode == MODE_OPEN)
        while (left < l->to_ask && pace_due(l, l->due + left) < l->till)
            left++;
    return left;
}

static void count_unsent(struct loop *l, uint64_t due, uint64_t now)
{
    if (!pace_in_window(l, due))
        return;
    histogram_add(&l->r->latency, now - due);
    l->r->unsent++;
}

/* What could not be sent counts with its age: it waited at least so long. */
static void give_up_unsent(struct loop *l, uint64_t now)
{
    for (; l->to_ask > 0; l->to_ask--) {
        uint64_t due = pace_due(l, l->due++);

        if (pace_in_window(l, due))
            histogram_add(&l->r->lag, now - due);
        count_unsent(l, due, now);
    }
    for (unsigned k = 0; k < l->o->active; k++) {
        struct connection *c = l->active[k];

        for (; c->waiting > 0; c->waiting--, l->waiting--) {
            count_unsent(l, pace_due(l, c->next), now);
            c->next += l->o->active;
        }
    }
}

static double own_cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Were the figures made by the server, or by us? */
static void judge_open(struct result *r)
{
    static const double shares[] = {0.5, 0.99, 0.999};
    size_t room = sizeof r->late_why;

    for (int k = 0; k < 3; k++) {
        double lag = (double)histogram_percentile(&r->lag, shares[k]) / 1e3;
        double all = (double)histogram_percentile(&r->latency, shares[k]) / 1e3;

        if (lag > all / 2)
            snprintf(r->late_why, room, "at p%g it was itself %.0f us late, of %.0f us",
                     shares[k] * 100, lag, all);
    }
    if (r->cpu < 0.95)
        snprintf(r->late_why, room, "it never sleeps, yet had a processor for only"
                 " %.0f %% of the time", r->cpu * 100);
    if (r->busy > 0.95)
        snprintf(r->late_why, room, "it had something to do for %.0f %% of the time",
                 r->busy * 100);
}

static void judge_closed(const struct options *o, struct result *r)
{
    double server = r->server_cpu / r->seconds;

    if (r->busy <= 0.95 || (o->pid && server > 0.95))
        return;
    if (o->pid)
        snprintf(r->late_why, sizeof r->late_why, "it was busy for %.0f %% of the time,"
                 " the server for %.0f %%", r->busy * 100, server * 100);
    else
        snprintf(r->late_why, sizeof r->late_why, "it was busy for %.0f %% of the time"
                 " (with --pid it could tell whether the server was too)",
                 r->busy * 100);
}

static int measure(struct loop *l)
{
    struct process_usage before = {0}, after = {0};
    struct result *r = l->r;
    double cpu;
    uint64_t end;

    if (l->o->pid && process_look(l->o->pid, &before) < 0)
        return complain("--pid");
    l->phase = PHASE_MEASURING;
    cpu = own_cpu();
    l->from = now_ns();
    l->till = FOREVER;
    if (l->o->requests) {
        l->to_ask = l->o->requests;
        pace_begin(l);
    }
    end = loop_spin(l, l->o->requests ? FOREVER
                                      : l->from + (uint64_t)(l->o->seconds * 1e9));
    l->till = end;
    cpu = own_cpu() - cpu;
    l->phase = PHASE_DRAINING;
    l->to_ask = left_to_ask(l);
    if (l->o->pid && process_look(l->o->pid, &after) < 0) {
        fprintf(stderr, "loadgen: --pid: the server ended during the run\n");
        after = before;
    }
    r->seconds = (double)(end - l->from) / 1e9;
    r->cpu = cpu / r->seconds;
    r->busy = r->cpu;
    if (l->o->mode == MODE_OPEN)
        r->busy = 1 - (double)l->spare / 1e9 / r->seconds;
    r->server_cpu = after.cpu - before.cpu;
    r->server_user = after.user - before.user;
    r->server_system = after.system - before.system;
    r->server_rss_kib = after.rss_kib;
    return 0;
}

static int run_phases(struct loop *l)
{
    l->phase = PHASE_OPENING;
    l->to_ask = l->total;
    if (l->total > 0)
        loop_spin(l, FOREVER);
    if (!l->stop && l->alive > 0) {
        l->phase = PHASE_WARMUP;
        l->to_ask = 0;
        if (!l->o->requests) {
            l->to_ask = FOREVER;
            pace_begin(l);
            loop_spin(l, l->start + (uint64_t)(l->o->warmup * 1e9));
        }
    }
    if (l->stop || l->alive == 0) {
        if (!l->r->stopped_by && !l->unopened)
            fail_late_ones(l);
        return 0;
    }
    if (measure(l) < 0)
        return -1;
    if (!l->stop || l->r->stopped_by) {
        l->stop = 0;
        loop_spin(l, now_ns() + CATCH_UP);
    }
    give_up_unsent(l, now_ns());
    if (l->r->stopped_by)
        return 0;
    if (!l->stop)
        loop_spin(l, FOREVER);
    fail_late_ones(l);
    return 0;
}

int run_load(const struct options *o, const struct exchange *x, struct result *r)
{
    static struct loop loop;            /* too large for the stack */
    struct loop *l = &loop;
    int result;

    l->o = o;
    l->x = x;
    l->r = r;
    l->live = !o->quiet && isatty(STDERR_FILENO);
    l->ep = epoll_create1(EPOLL_CLOEXEC);
    if (l->ep < 0)
        return complain("epoll_create1");
    if (raise_descriptors(o->active + o->idle) < 0 || watch_signals(l) < 0
        || lay_out(l) < 0)
        return -1;
    result = run_phases(l);
    free(l->active);
    free(l->connections);
    free(l->requests);
    if (l->live)
        fputs("\r\033[K", stderr);
    if (r->seconds > 0 && o->mode == MODE_OPEN)
        judge_open(r);
    else if (r->seconds > 0)
        judge_closed(o, r);
    r->late = r->late_why[0] != '\0';
    return result;
}
