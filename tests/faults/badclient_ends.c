/* Modes about how a connection ends, and about having many of them. */
#define _GNU_SOURCE
#include "badclient.h"

#include "../lib/check.h"
#include "../lib/command.h"
#include "../lib/guard.h"
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The moments at which rst breaks off. */
enum moment { UNUSED, IN_REQUEST, REPLIES_DUE, WHILE_READING, MOMENTS };

static void break_off(struct plan *plan, long number, enum moment moment)
{
    static struct talk talk;

    talk_open(&talk, &plan->target, number, NULL);
    talk.limit = moment == UNUSED ? 0 : moment == IN_REQUEST ? 1 : 50;
    if (moment != UNUSED)
        talk_send(&talk, moment == IN_REQUEST ? 1 + plan_random(plan, 8) : TALK_OUT);
    if (moment == WHILE_READING) {
        client_wait(talk.fd, guard_end());
        talk_receive(&talk);
    }
    client_reset(talk.fd);
}

void mode_rst(struct plan *plan)
{
    long times[MOMENTS] = { 0 };

    say("rst: %ld connections break off with a reset, each at another moment. "
        "Nobody else should notice.", plan->count);
    for (long i = 0; i < plan->count; i++) {
        enum moment moment = (enum moment)plan_random(plan, MOMENTS);

        break_off(plan, i + 2, moment);
        times[moment]++;
    }
    say("Broken off: %ld unused, %ld inside a request, %ld with replies due, "
        "%ld while reading.", times[UNUSED], times[IN_REQUEST], times[REPLIES_DUE],
        times[WHILE_READING]);
}

void mode_half_close(struct plan *plan)
{
    enum { REQUESTS = 1000 };
    static struct talk talk;

    say("half-close: %ld connections ask %d times, send their FIN at once, "
        "and only then read. All replies are due, then the server's FIN.",
        plan->count, REQUESTS);
    for (long i = 0; i < plan->count; i++) {
        talk_open(&talk, &plan->target, i + 2, NULL);
        talk.limit = REQUESTS;
        while (talk_has_to_send(&talk)) /* 12 KB: the sockets' buffers hold them */
            check(talk_send(&talk, TALK_OUT) != TALK_BROKEN, "the server broke off");
        talk_end(&talk);
    }
}

/* One of a crowd: too many for a struct talk each. */
static const char sum[] = "9@10 + 1234@", sum_reply[] = "6@1244 0@", full[] = "3@0 6@";

enum fate { SERVED, REFUSED, WAITING };

static enum fate fate_of(int fd, const struct plan *plan, double until)
{
    bool echo = strcmp(plan->target.service, "echo") == 0;
    const char *want = echo ? sum : sum_reply;
    char bytes[20];
    ssize_t n;

    if (client_wait(fd, until) == CLIENT_QUIET)
        return WAITING;
    n = recv(fd, bytes, sizeof bytes, 0);
    if (n == (ssize_t)strlen(want) && memcmp(bytes, want, (size_t)n) == 0)
        return SERVED;
    if (echo) /* it refuses without a word */
        check(n <= 0, "a connection got %zd other bytes than it sent", n);
    else
        check(n == (ssize_t)strlen(full) && memcmp(bytes, full, (size_t)n) == 0,
              "a connection was neither served nor told \"full\": it got %zd bytes", n);
    return REFUSED;
}

/* Opens as many as it can of plan->count; returns how many. The last few descriptors
 * are left for what comes after. */
static long open_crowd(const struct plan *plan, int *fds)
{
    enum { SPARE = 16 };
    int spare[SPARE];
    long n = 0;

    command_descriptors();
    for (int i = 0; i < SPARE; i++)
        spare[i] = dup(0);
    while (n < plan->count && (fds[n] = client_try(&plan->target, NULL)) >= 0)
        n++;
    for (int i = 0; i < SPARE; i++)
        close(spare[i]);
    return n;
}

void mode_idle(struct plan *plan)
{
    int *fds = calloc((size_t)plan->count, sizeof *fds);
    long n, fates[3] = { 0 };

    check(fds != NULL, "no memory for %ld connections", plan->count);
    say("idle: %ld connections say nothing for %g s, and then ask one request "
        "each. All should be served, unless told at once that the house is full.",
        plan->count, plan->seconds);
    n = open_crowd(plan, fds);
    guard_sleep_until(guard_now() + plan->seconds);
    for (long i = 0; i < n; i++)
        if (send(fds[i], sum, strlen(sum), MSG_NOSIGNAL) < 0)
            plan_detail(plan, "Connection %ld had been closed.", i);
    for (long i = 0; i < n; i++) {
        fates[fate_of(fds[i], plan, guard_end())]++;
        close(fds[i]);
    }
    say("%ld served, %ld refused.", fates[SERVED], fates[REFUSED]);
    check(fates[WAITING] == 0, "%ld connections got no answer", fates[WAITING]);
    check(fates[SERVED] > 0, "not one connection was served");
    free(fds);
}

void mode_hog_descriptors(struct plan *plan)
{
    int *fds = calloc((size_t)plan->count, sizeof *fds);
    enum fate *fates = calloc((size_t)plan->count, sizeof *fates);
    long n, counts[3] = { 0 };
    double until;

    check(fds && fates, "no memory for %ld connections", plan->count);
    say("hog-descriptors: up to %ld connections, all held. Each should be "
        "served, or refused, or wait until others leave; and then be served.",
        plan->count);
    n = open_crowd(plan, fds);
    for (long i = 0; i < n; i++)
        send(fds[i], sum, strlen(sum), MSG_NOSIGNAL);
    until = guard_now() + plan->seconds;
    for (long i = 0; i < n; i++)
        counts[fates[i] = fate_of(fds[i], plan, until)]++;
    say("%ld opened: %ld served, %ld refused, %ld wait.", n, counts[SERVED],
        counts[REFUSED], counts[WAITING]);
    for (long i = 0; i < n; i++)
        if (fates[i] != WAITING)
            close(fds[i]);
    for (long i = 0; i < n; i++)
        if (fates[i] == WAITING) {
            check(fate_of(fds[i], plan, guard_end()) != WAITING,
                  "others have left, but one that waits is not served");
            close(fds[i]);
        }
    if (counts[WAITING])
        say("The others left, and all that waited were served.");
    free(fds);
    free(fates);
}
