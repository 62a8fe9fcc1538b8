/* Do the clocks of common/clock expire in time, in order, never too early, and only
 * once started?
 *
 * The tests set k.now themselves: nobody sleeps, and nothing depends on the machine.
 */
#define _GNU_SOURCE
#include "../../common/clock.h"

#include <limits.h>
#include <time.h>

#include "unit.h"

enum { QUIET = 600, REQUEST = 30, LEAVING = 2, TIMERS = 6 };

struct house {
    struct clock  k;
    struct timer  timers[TIMERS];
};

static void house_open(struct house *h)
{
    clock_init(&h->k, QUIET, REQUEST, LEAVING);
    h->k.now = 1000;
    for (int i = 0; i < TIMERS; i++) {
        link_init(&h->timers[i].link);
        h->timers[i].kind = CLOCK_KINDS;
    }
}

static int which(const struct house *h, const struct timer *t)
{
    return t == NULL ? -1 : (int)(t - h->timers);
}

static void check_expired(struct test *t, const struct house *h, int want)
{
    int came = which(h, clock_expired(&h->k));

    test_check(t, came == want, "at %lld: expected timer %d to have expired, came %d",
               (long long)h->k.now, want, came);
}

/* Each queue in the order of starting; the shortest clock first. */
static void order(struct test *t)
{
    struct house h;

    house_open(&h);
    check_expired(t, &h, -1);
    for (int i = 0; i < 3; i++, h.k.now += 5)
        clock_start(&h.k, &h.timers[i], CLOCK_REQUEST);
    h.k.now = 1029;
    check_expired(t, &h, -1);
    h.k.now = 1030;                         /* on the very nanosecond */
    check_expired(t, &h, 0);
    check_expired(t, &h, 0);                /* until it is taken out */
    link_remove(&h.timers[0].link);
    check_expired(t, &h, -1);
    clock_start(&h.k, &h.timers[3], CLOCK_LEAVING);
    h.k.now = 1032;
    check_expired(t, &h, 3);
    h.k.now = 2000;
    check_expired(t, &h, 1);
    link_remove(&h.timers[1].link);
    check_expired(t, &h, 2);
    link_remove(&h.timers[2].link);
    check_expired(t, &h, 3);
    link_remove(&h.timers[3].link);
    check_expired(t, &h, -1);
}

static void start_anew(struct test *t)
{
    struct house h;

    house_open(&h);
    for (int i = 0; i < 3; i++)
        clock_start(&h.k, &h.timers[i], CLOCK_REQUEST);
    h.k.now += 10;
    clock_start(&h.k, &h.timers[1], CLOCK_REQUEST);     /* from the middle to the end */
    clock_start(&h.k, &h.timers[0], CLOCK_QUIET);       /* to another queue */
    test_check(t, h.timers[1].due == 1040 && h.timers[0].due == 1610
                  && h.timers[0].kind == CLOCK_QUIET, "due at other times");
    h.k.now = 1039;
    check_expired(t, &h, 2);
    link_remove(&h.timers[2].link);
    check_expired(t, &h, -1);
    h.k.now = 1040;
    check_expired(t, &h, 1);
    clock_start(&h.k, &h.timers[1], CLOCK_REQUEST);     /* alone in its queue */
    check_expired(t, &h, -1);
    h.k.now = 1610;
    check_expired(t, &h, 0);
}

/* A length of 0: such a clock never expires and wakes nobody. */
static void never(struct test *t)
{
    struct house h;

    house_open(&h);
    h.k.length[CLOCK_QUIET] = 0;
    clock_start(&h.k, &h.timers[0], CLOCK_QUIET);
    test_check(t, clock_timeout(&h.k) == -1, "a wait of %d", clock_timeout(&h.k));
    h.k.now = INT64_MAX / 2;
    check_expired(t, &h, -1);
    clock_start(&h.k, &h.timers[1], CLOCK_LEAVING);
    h.k.now += LEAVING;
    check_expired(t, &h, 1);
    test_check(t, which(&h, clock_walk(&h.k, NULL)) == 0, "the walk misses it");
}

/* All timers, once each, whatever queues are empty. */
static void walk(struct test *t)
{
    for (int plan = 0; plan < 4 * 4 * 4 * 4; plan++) {
        struct house h;
        int started = 0, seen = 0;
        unsigned met = 0;

        house_open(&h);
        for (int i = 0, rest = plan; i < 4; i++, rest /= 4)
            if (rest % 4 < CLOCK_KINDS) {
                clock_start(&h.k, &h.timers[i], (enum clock_kind)(rest % 4));
                started++;
            }
        for (struct timer *p = NULL; (p = clock_walk(&h.k, p)) != NULL; seen++)
            met |= 1u << which(&h, p);
        for (int i = 0; i < 4; i++)
            test_check(t, link_alone(&h.timers[i].link) == !(met >> i & 1),
                       "plan %d: timer %d", plan, i);
        test_check(t, seen == started, "plan %d: %d timers, %d met", plan, started,
                   seen);
    }
}

static void alarms(struct test *t)
{
    struct house h;

    house_open(&h);
    test_check(t, !clock_alarm_pending(&h.k, CLOCK_ACCEPT_PAUSE)
                  && clock_timeout(&h.k) == -1, "an alarm that nobody set");
    clock_set_alarm(&h.k, CLOCK_ACCEPT_PAUSE, 1000000);
    clock_set_alarm(&h.k, CLOCK_STOP, 2000000);
    h.k.now += 999999;
    test_check(t, clock_alarm_pending(&h.k, CLOCK_ACCEPT_PAUSE), "it is due too early");
    test_check(t, clock_timeout(&h.k) == 1, "a wait of %d", clock_timeout(&h.k));
    h.k.now += 1;
    test_check(t, !clock_alarm_pending(&h.k, CLOCK_ACCEPT_PAUSE), "it is not due");
    test_check(t, clock_alarm_pending(&h.k, CLOCK_STOP), "the other one is due");
    test_check(t, clock_timeout(&h.k) == 1, "one that is due still ends the wait: %d",
               clock_timeout(&h.k));
    clock_set_alarm(&h.k, CLOCK_ACCEPT_PAUSE, 0);
    test_check(t, !clock_alarm_pending(&h.k, CLOCK_ACCEPT_PAUSE), "no delay, and it is not due");
    h.k.now += 1000000;
    test_check(t, !clock_alarm_pending(&h.k, CLOCK_STOP) && clock_timeout(&h.k) == -1,
               "the other one is not due");
}

/* A wait ends at the time or after it, never before, and by less than a unit after. */
static void timeouts_round_up(struct test *t)
{
    static const struct {
        int64_t ns;
        int     ms;
    } rows[] = {
        { 1, 1 }, { 999, 1 }, { 1000, 1 }, { 1001, 1 },
        { 999999, 1 }, { 1000000, 1 }, { 1000001, 2 },
        { 999999000, 1000 }, { 999999001, 1000 },
        { 999999999, 1000 }, { 1000000000, 1000 },
        { 1000000001, 1001 }, { 1999999999, 2000 },
        { INT64_C(600000000000), 600000 },
        { INT64_C(2147483646999999), INT_MAX },
        { INT64_C(2147483648000000), INT_MAX },
        { INT64_C(1000000000000000000), INT_MAX }
    };
    struct house h;

    house_open(&h);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        h.k.now = 1000;
        clock_set_alarm(&h.k, CLOCK_STOP, rows[i].ns);
        test_check(t, clock_timeout(&h.k) == rows[i].ms,
                   "%lld ns: expected %d ms, came %d", (long long)rows[i].ns,
                   rows[i].ms, clock_timeout(&h.k));
        h.k.now += rows[i].ns;
        test_check(t, clock_timeout(&h.k) == -1, "an alarm that is due ends no wait");
    }
    clock_start(&h.k, &h.timers[0], CLOCK_QUIET);
    h.k.now = h.timers[0].due;
    test_check(t, clock_timeout(&h.k) == 0, "a timer is due, but the wait would sleep");
    h.k.now += 5;
    test_check(t, clock_timeout(&h.k) == 0, "overdue, but the wait would sleep");
}

/* The wait lasts until whatever comes first. */
static void earliest(struct test *t)
{
    struct house h;

    house_open(&h);
    for (int kind = 0; kind < CLOCK_KINDS; kind++)
        h.k.length[kind] = (kind + 3) * INT64_C(1000000);
    clock_start(&h.k, &h.timers[0], CLOCK_LEAVING);
    test_check(t, clock_timeout(&h.k) == 5, "leaving alone: %d", clock_timeout(&h.k));
    clock_start(&h.k, &h.timers[1], CLOCK_QUIET);
    clock_start(&h.k, &h.timers[2], CLOCK_REQUEST);
    test_check(t, clock_timeout(&h.k) == 3, "three clocks: %d", clock_timeout(&h.k));
    clock_set_alarm(&h.k, CLOCK_STOP, 2000000);
    test_check(t, clock_timeout(&h.k) == 2, "and an alarm: %d", clock_timeout(&h.k));
    clock_set_alarm(&h.k, CLOCK_ACCEPT_PAUSE, 1000000);
    test_check(t, clock_timeout(&h.k) == 1, "and another: %d", clock_timeout(&h.k));
}

static void reads_the_monotonic_clock(struct test *t)
{
    struct timespec before, after;
    struct house h;

    house_open(&h);
    clock_gettime(CLOCK_MONOTONIC, &before);
    clock_read(&h.k);
    clock_gettime(CLOCK_MONOTONIC, &after);
    test_check(t, h.k.now >= before.tv_sec * CLOCK_SECOND + before.tv_nsec
                  && h.k.now <= after.tv_sec * CLOCK_SECOND + after.tv_nsec,
               "%lld is not between %lld s and %lld s", (long long)h.k.now,
               (long long)before.tv_sec, (long long)after.tv_sec);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "order", order },
        { "start_anew", start_anew },
        { "never", never },
        { "walk", walk },
        { "alarms", alarms },
        { "timeouts_round_up", timeouts_round_up },
        { "earliest", earliest },
        { "reads_the_monotonic_clock", reads_the_monotonic_clock },
        { NULL, NULL }
    };

    return test_main("clock", cases);
}
