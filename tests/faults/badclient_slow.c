/* Modes that do not read, or read and write without end. */
#define _GNU_SOURCE
#include "badclient.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "talk.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SMALL = 4096,                 /* bytes of receive buffer */
    SWALLOWED = 64 * 1024 * 1024, /* a server that takes so much has no backpressure */
    STALLED = 300                 /* milliseconds without a byte taken */
};

static const struct client_setup tight = { .rcvbuf = SMALL };

/* Sends without reading until nothing moves any more; returns the bytes taken. */
static size_t push(struct talk *talk)
{
    struct pollfd slot = { .fd = talk->fd, .events = POLLOUT };
    size_t taken = 0, left;

    talk->limit = LONG_MAX;
    while (poll(&slot, 1, STALLED) == 1 && !(slot.revents & (POLLERR | POLLHUP))) {
        left = talk->out_sent;
        if (talk_send(talk, TALK_OUT) == TALK_MOVED)
            taken += talk->out_sent > left ? talk->out_sent - left : talk->out_sent;
        check(taken < SWALLOWED,
              "connection %ld sent %zu bytes and read no reply, and the server still "
              "reads: there is no backpressure", talk->number, taken);
    }
    talk->limit = talk->made;
    return taken;
}

void mode_slow_reader(struct plan *plan)
{
    struct talk *talks = calloc((size_t)plan->count, sizeof *talks);
    int wide = 1 << 20;

    check(talks != NULL, "no memory for %ld connections", plan->count);
    say("slow-reader: %ld connections ask on and on and read no reply. The "
        "server should stop reading from them, keep their replies, and serve the "
        "others meanwhile.", plan->count);
    for (long i = 0; i < plan->count; i++) {
        size_t taken;

        talk_open(&talks[i], &plan->target, i + 2, &tight);
        taken = push(&talks[i]);
        plan_detail(plan, "Connection %ld: the server took %zu KiB, then no more.", i,
                    taken / 1024);
    }
    say("All are stuck. In %g s they read, and expect every reply, in order.",
        plan->seconds);
    guard_sleep_until(guard_now() + plan->seconds);
    for (long i = 0; i < plan->count; i++) {
        setsockopt(talks[i].fd, SOL_SOCKET, SO_RCVBUF, &wide, sizeof wide);
        talk_complete(&talks[i]);
        talk_end(&talks[i]);
        plan_detail(plan, "Connection %ld: %ld replies, all right.", i, talks[i].heard);
    }
    free(talks);
}

void mode_vanish(struct plan *plan)
{
    enum { MOST_REQUESTS = 100000 };
    static struct talk talk;
    long replies = 0;

    say("vanish: %ld connections ask a lot, read a few replies and are gone, "
        "the next reply half sent. The server should free them and not spin.",
        plan->count);
    for (long i = 0; i < plan->count; i++) {
        long wanted = (long)plan_random(plan, 50);

        talk_open(&talk, &plan->target, i + 2, &tight);
        talk.limit = MOST_REQUESTS;
        while (talk_has_to_send(&talk) && talk_send(&talk, TALK_OUT) == TALK_MOVED)
            ;
        while (talk.heard < wanted && client_wait(talk.fd, guard_end()) != CLIENT_QUIET)
            if (talk_receive(&talk) != TALK_MOVED)
                break;
        replies += talk.heard;
        if (i % 2)
            client_reset(talk.fd);
        else
            close(talk.fd); /* unread replies make a reset of this, too */
    }
    say("All gone, after %ld replies.", replies);
}

void mode_flood(struct plan *plan)
{
    struct talk *talks = calloc((size_t)plan->count, sizeof *talks);
    struct pollfd *slots = calloc((size_t)plan->count, sizeof *slots);
    double start = guard_now(), end = start + plan->seconds;
    long replies = 0;

    check(talks && slots, "no memory for %ld connections", plan->count);
    say("flood: %ld connection%s, as many requests as go in, for %g s. All should be "
        "answered, and the bystander should not starve.", plan->count,
        plan->count == 1 ? "" : "s", plan->seconds);
    for (long i = 0; i < plan->count; i++) {
        talk_open(&talks[i], &plan->target, i + 2, NULL);
        talks[i].limit = LONG_MAX;
        slots[i] = (struct pollfd){ .fd = talks[i].fd, .events = POLLIN | POLLOUT };
    }
    while (guard_now() < end) {
        poll(slots, (nfds_t)plan->count, 1000);
        for (long i = 0; i < plan->count; i++) {
            enum talk_event event = TALK_MOVED;

            if (slots[i].revents & POLLOUT)
                event = talk_send(&talks[i], TALK_OUT);
            if (slots[i].revents & (POLLIN | POLLHUP | POLLERR))
                event = talk_receive(&talks[i]);
            check(event == TALK_MOVED || event == TALK_WAITS,
                  "the server broke off a connection that floods");
        }
    }
    for (long i = 0; i < plan->count; i++) {
        talks[i].limit = talks[i].made;
        talk_complete(&talks[i]);
        talk_end(&talks[i]);
        replies += talks[i].heard;
    }
    say("%ld requests answered, %.0f a second.", replies,
        (double)replies / (guard_now() - start));
    free(talks);
    free(slots);
}
