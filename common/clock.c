#define _GNU_SOURCE
#include "clock.h"

#include <limits.h>
#include <stddef.h>
#include <time.h>

void clock_init(struct clock *k, int64_t quiet, int64_t request, int64_t leaving)
{
    *k = (struct clock){ .length = { quiet, request, leaving } };
    for (int kind = 0; kind < CLOCK_KINDS; kind++)
        link_init(&k->queue[kind]);
    clock_read(k);
}

void clock_read(struct clock *k)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);     /* cannot fail for this clock */
    k->now = t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

/* The timer of one queue that expires first, or NULL if none ever expires. */
static struct timer *first(const struct clock *k, int kind)
{
    if (k->length[kind] == 0 || link_alone(&k->queue[kind]))
        return NULL;
    return LINK_OWNER(k->queue[kind].next, struct timer, link);
}

struct timer *clock_expired(const struct clock *k)
{
    for (int kind = 0; kind < CLOCK_KINDS; kind++) {
        struct timer *t = first(k, kind);

        if (t != NULL && t->due <= k->now)
            return t;
    }
    return NULL;
}

struct timer *clock_walk(const struct clock *k, const struct timer *last)
{
    int kind = last != NULL ? (int)last->kind : 0;
    struct link *next = last != NULL ? last->link.next : k->queue[kind].next;

    while (next == &k->queue[kind]) {
        if (++kind == CLOCK_KINDS)
            return NULL;
        next = k->queue[kind].next;
    }
    return LINK_OWNER(next, struct timer, link);
}

void clock_set_alarm(struct clock *k, enum clock_alarm a, int64_t delay)
{
    k->alarm[a] = k->now + delay;
}

/* Nanoseconds until a timer or an alarm is due; 0 if a timer is due already; -1 for never.
 * An alarm that is due counts no more: the questions that ask for it are answered anew in
 * every turn. */
static int64_t remaining(const struct clock *k)
{
    int64_t due = INT64_MAX;

    for (int kind = 0; kind < CLOCK_KINDS; kind++) {
        const struct timer *t = first(k, kind);

        if (t != NULL && t->due < due)
            due = t->due;
    }
    for (int a = 0; a < CLOCK_ALARMS; a++)
        if (k->alarm[a] > k->now && k->alarm[a] < due)
            due = k->alarm[a];
    if (due == INT64_MAX)
        return -1;
    return due > k->now ? due - k->now : 0;
}

int clock_timeout(const struct clock *k)
{
    int64_t ns = remaining(k), ms = ns / 1000000 + (ns % 1000000 > 0);

    if (ns < 0)
        return -1;
    return ms < INT_MAX ? (int)ms : INT_MAX;
}
