#define _GNU_SOURCE
#include "guard.h"

#include "check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How many stand in line for each processor of the host: 1 to 4. */
static int crowd(void)
{
    static int each;
    double load;

    if (each == 0) {
        each = getloadavg(&load, 1) == 1 ? (int)load / (int)sysconf(_SC_NPROCESSORS_ONLN) : 1;
        each = each < 1 ? 1 : each > 4 ? 4 : each;
    }
    return each;
}

double guard_seconds(void)
{
    const char *set = getenv("TEST_GUARD");
    double seconds;
    char *end;

    if (!set)
        return 10 * crowd();
    seconds = strtod(set, &end);
    if (end == set || *end || !(seconds > 0 && seconds <= 1e6)) {
        fprintf(stderr, "TEST_GUARD=%s: a number of seconds is due, such as 10\n", set);
        exit(2);
    }
    return seconds;
}

double guard_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double guard_end(void)
{
    return guard_now() + GUARD;
}

int guard_left(double end)
{
    double left = end - guard_now();

    return left <= 0 ? 0 : (int)(left * 1000) + 1;
}

bool guard_wait(int fd, short events, double end)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n;

    while ((n = poll(&p, 1, guard_left(end))) < 0 && errno == EINTR)
        ;
    return n != 0;
}

void guard_pause(double end, const char *what)
{
    if (guard_now() >= end)
        check_fail("waited %g s in vain for %s", GUARD, what);
    guard_sleep_until(guard_now() + 0.001);
}

void guard_sleep_until(double moment)
{
    double left;

    while ((left = moment - guard_now()) > 0) {
        struct timespec t = { (time_t)left, 0 };

        t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
        nanosleep(&t, NULL);
    }
}
