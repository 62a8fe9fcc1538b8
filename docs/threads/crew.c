#define _GNU_SOURCE
#include "crew.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../../common/report.h"
#include "../../common/signals.h"

static bool worker_open(struct worker *w, struct crew *c, const char *what,
                        unsigned number)
{
    const struct mechanism *m = c->program->mechanism;
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = &w->box };

    *w = (struct worker){ .crew = c, .mechanism = *m };
    snprintf(w->name, sizeof w->name, "%s %s %u", m->server, what, number);
    snprintf(w->wait, sizeof w->wait, "%s of %s %u", m->wait, what, number);
    w->mechanism.server = w->name;
    w->mechanism.wait = w->wait;
    link_init(&w->ready);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0 || !mailbox_open(&w->box)
        || epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->box.told, &e) < 0) {
        report_line(m->server, "cannot make %s %u: %s", what, number, strerror(errno));
        return false;
    }
    loop_init(&w->loop, &w->mechanism, &c->program->options);
    return true;
}

bool crew_open(struct crew *c, struct program *p, unsigned count, const char *what)
{
    *c = (struct crew){ .program = p, .count = count };
    c->workers = aligned_alloc(_Alignof(struct worker), count * sizeof *c->workers);
    if (c->workers == NULL || !mailbox_open(&c->box)) {
        report_line(p->options.program, "cannot make a %s: %s", what, strerror(errno));
        return false;
    }
    for (unsigned i = 0; i < count; i++)
        if (!worker_open(&c->workers[i], c, what, i + 1))
            return false;
    return true;
}

/* A signal is delivered to any thread that does not block it, and two at a time in two
 * threads.  So the workers block all of them; a new thread inherits the mask. */
bool crew_start(struct crew *c, void *(*work)(void *))
{
    sigset_t all, before;
    int error = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < c->count && error == 0; i++) {
        error = pthread_create(&c->workers[i].thread, NULL, work, &c->workers[i]);
        if (error == 0)
            atomic_fetch_add(&c->running, 1);
        else
            report_line(c->program->options.program, "cannot start %s: %s",
                        c->workers[i].name, strerror(error));
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

/* Compare and swap, and not an addition that is taken back: meanwhile another thread would
 * find the house full. */
unsigned crew_enter(struct crew *c)
{
    unsigned now = atomic_load(&c->clients);

    do
        if (now >= c->program->max_clients)
            return 0;
    while (!atomic_compare_exchange_weak(&c->clients, &now, now + 1));
    return now + 1;
}

struct worker *crew_next(struct crew *c)
{
    for (unsigned tries = 0; tries < c->count; tries++) {
        struct worker *w = &c->workers[atomic_fetch_add(&c->next, 1) % c->count];

        if (mailbox_has_room(&w->box))
            return w;
    }
    return NULL;
}

/* The flag is looked at without a lock: a main thread that begins to wait just now may
 * miss this, and tries again 0.1 s later. */
void crew_freed(struct crew *c)
{
    if (atomic_load(&c->wanting))
        mailbox_ask(&c->box, MAILBOX_FREED);
}

void crew_stop(struct crew *c)
{
    for (unsigned i = 0; i < c->count; i++)
        mailbox_ask(&c->workers[i].box, MAILBOX_STOP);
}

/* One report at a time: a worker may be slow to answer, and signals come as they like. */
static void ask_reports(struct crew *c)
{
    c->again = c->reporting;
    if (c->reporting)
        return;
    c->reporting = true;
    atomic_store(&c->answers_due, c->count);
    for (unsigned i = 0; i < c->count; i++)
        mailbox_ask(&c->workers[i].box, MAILBOX_REPORT);
}

void worker_publish(struct worker *w)
{
    pthread_mutex_lock(&w->box.lock);
    w->report = w->loop.ledger;
    pthread_mutex_unlock(&w->box.lock);
}

struct ledger worker_published(struct worker *w)
{
    struct ledger copy;

    pthread_mutex_lock(&w->box.lock);
    copy = w->report;
    pthread_mutex_unlock(&w->box.lock);
    return copy;
}

/* The figures of a ledger are numbers of one type, one after the other, up to its age. */
void ledger_add(struct ledger *sum, const struct ledger *l)
{
    uint64_t peak = sum->peak, a, b;

    for (size_t at = 0; at < offsetof(struct ledger, age); at += sizeof a) {
        memcpy(&a, (char *)sum + at, sizeof a);
        memcpy(&b, (const char *)l + at, sizeof b);
        a += b;
        memcpy((char *)sum + at, &a, sizeof a);
    }
    sum->peak = peak;
}

/* The main thread's figures and the workers', as last reported. */
static struct ledger sum(const struct crew *c, const struct loop *main_loop)
{
    struct ledger all = main_loop->ledger;

    for (unsigned i = 0; i < c->count; i++) {
        struct ledger report = worker_published(&c->workers[i]);

        ledger_add(&all, &report);
    }
    return all;
}

static void show_table(const struct ledger *l)
{
    char text[LEDGER_TEXT_MAX];

    report_text(text, ledger_table(l, text));
}

/* A worker that has ended answers no more: then the table waits for crew_close. */
static void show_report(struct crew *c, const struct loop *main_loop)
{
    struct ledger all;

    if (!c->reporting || atomic_load(&c->answers_due) > 0)
        return;
    all = sum(c, main_loop);
    show_table(&all);
    c->reporting = false;
    if (c->again)
        ask_reports(c);
}

unsigned crew_hear(struct crew *c, struct loop *main_loop, bool mail)
{
    struct program *p = c->program;
    unsigned asked = 0, signals = 0;
    int none[MAILBOX_ROOM];

    if (mail) {
        narrate_turn(&main_loop->narrator, "the mailbox", c->box.told, "IN");
        mailbox_take(&c->box, none, &asked);
        show_report(c, main_loop);
    }
    if (signals_waiting()) {
        narrate_turn(&main_loop->narrator, "the self-pipe", p->signals, "");
        signals = (unsigned)signals_take(p->signals);
    }
    if (signals & SIGNALS_REPORT)
        ask_reports(c);
    if (signals & SIGNALS_STOP)
        asked |= MAILBOX_STOP;
    return p->stopping ? 0 : asked & (MAILBOX_STOP | MAILBOX_FREED);
}

static void report(struct worker *w)
{
    worker_publish(w);
    if (w->loop.narrator.level > 0)
        show_table(&w->loop.ledger);
    if (atomic_fetch_sub(&w->crew->answers_due, 1) == 1)
        mailbox_ask(&w->crew->box, MAILBOX_REPORT);
}

int worker_take_mail(struct worker *w, int fds[MAILBOX_ROOM], bool *stop)
{
    unsigned asked;
    int count = mailbox_take(&w->box, fds, &asked);

    narrate_turn(&w->loop.narrator, "the mailbox", w->box.told, "IN");
    if (count > 0)
        crew_freed(w->crew);    /* there is room again */
    if (asked & MAILBOX_REPORT)
        report(w);
    *stop = asked & MAILBOX_STOP;
    return count;
}

void worker_end(struct worker *w)
{
    struct conn *c;

    while ((c = conn_next(&w->loop, NULL)) != NULL)
        conn_close(c, &w->loop);
    close(w->epoll);
    worker_publish(w);
    atomic_fetch_sub(&w->crew->running, 1);
    mailbox_ask(&w->crew->box, MAILBOX_STOP);
}

void crew_join(struct crew *c)
{
    for (unsigned i = 0; i < c->count && !c->joined; i++)
        pthread_join(c->workers[i].thread, NULL);
    c->joined = true;
}

void crew_close(struct crew *c, struct loop *main_loop)
{
    crew_join(c);
    loop_read_clock(main_loop);
    main_loop->ledger = sum(c, main_loop);
    if (c->reporting)
        show_table(&main_loop->ledger);
    for (unsigned i = 0; i < c->count; i++)
        mailbox_close(&c->workers[i].box);
    mailbox_close(&c->box);
    free(c->workers);
}
