#include "plan.h"

#include <string.h>

const struct experiment experiments[EXPERIMENTS + 1] = {
    [IDLE_SLOPE] = { 1, "Idle clients", "idle clients", { NULL } },
    [ALL_ACTIVE] = { 2, "Everybody active", "active clients", { NULL } },
    [HALF_LOAD] = { 3, "The same clients at half load", "active clients", { NULL } },
    [HIGH_DESCRIPTOR] = { 4, "One high descriptor", NULL,
                          { "all low", "one near 1,000" } },
    [BILL] = { 5, "The bill for 1,000 requests", NULL,
               { "1 client", "100 clients" } },
    [CHURN] = { 6, "A connection for each request", "clients", { NULL } },
    [STALL] = { 7, "A stall of 100 ms", NULL, { NULL } },
    [FAIRNESS] = { 8, "A flooder beside a pinger", NULL,
                   { "alone", "beside the flooder" } },
};

enum { SPARE = 150 };   /* descriptors that server and client need for themselves */

static struct point *add(struct plan *plan, unsigned wanted, int experiment, int part,
                         double x, int active)
{
    static struct point ignored;
    struct point *p = &ignored;

    if (wanted & 1u << experiment)
        p = &plan->points[plan->count++];
    memset(p, 0, sizeof *p);
    p->experiment = experiment;
    p->part = part;
    p->x = x;
    p->active = active;
    return p;
}

/* 0 and the sizes that leave room, then as many as the machine allows. */
static void add_idle_points(struct plan *plan, unsigned wanted, bool quick,
                            long descriptors)
{
    static const int full[] = { 0, 300, 600, 950, 2500, 5000, 10000 };
    static const int few[] = { 0, 950, 4000 };
    const int *sizes = quick ? few : full;
    int count = quick ? sizeof few / sizeof few[0] : sizeof full / sizeof full[0];
    long most = descriptors - SPARE < 25000 ? descriptors - SPARE : 25000;

    most -= most % 1000;
    for (int i = 0; i < count && sizes[i] < most; i++)
        add(plan, wanted, IDLE_SLOPE, 0, sizes[i], 10)->idle = sizes[i];
    if (!quick && most > 0)
        add(plan, wanted, IDLE_SLOPE, 0, (double)most, 10)->idle = (int)most;
}

static void add_active_points(struct plan *plan, unsigned wanted, bool quick)
{
    static const int full[] = { 1, 10, 100, 1000 };
    static const int few[] = { 1, 100, 1000 };
    const int *sizes = quick ? few : full;
    int count = quick ? sizeof few / sizeof few[0] : sizeof full / sizeof full[0];

    for (int i = 0; i < count; i++)
        add(plan, wanted, ALL_ACTIVE, 0, sizes[i], sizes[i]);
    for (int i = 1; i < count; i++)
        add(plan, wanted, HALF_LOAD, 0, sizes[i], sizes[i])->half_of = sizes[i];
}

void plan_make(struct plan *plan, unsigned wanted, bool quick, int rounds,
               long descriptors)
{
    double seconds = quick ? 0.07 : 0.15;

    plan->count = 0;
    plan->rounds = rounds > 0 ? rounds : quick ? 3 : 5;
    add_idle_points(plan, wanted, quick, descriptors);
    add_active_points(plan, wanted, quick);
    for (int part = 0; part < 2; part++)
        add(plan, wanted, HIGH_DESCRIPTOR, part, part == 0 ? 0 : TOP, FEW);
    add(plan, wanted, BILL, 0, 1, 1);
    add(plan, wanted, BILL, 1, 100, 100);
    add(plan, wanted, CHURN, 0, 10, 10)->churn = true;
    for (int i = 0; i < plan->count; i++) {
        plan->points[i].seconds = seconds;
        plan->points[i].warmup = quick ? 0.02 : 0.05;
    }

    struct point *stall = add(plan, wanted, STALL, 0, 10, 10);
    stall->rate = 4000;
    stall->seconds = quick ? 0.5 : 1.2;
    stall->warmup = 0.05;
    for (int part = 0; part < 2; part++) {
        struct point *ping = add(plan, wanted, FAIRNESS, part, 1, 1);

        ping->seconds = quick ? 0.12 : 0.3;
        ping->warmup = 0.05;
    }
}

double point_seconds(const struct point *point)
{
    return 0.05 + point->warmup + point->seconds + point->idle * 60e-6;
}
