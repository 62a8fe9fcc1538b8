/*
 * plan: the eight experiments as data. A point is one situation to measure every
 * server in; an experiment is a list of them.
 */
#ifndef COMPARE_PLAN_H
#define COMPARE_PLAN_H

#include <stdbool.h>

#include "results.h"

enum { IDLE_SLOPE = 1, ALL_ACTIVE, HALF_LOAD, HIGH_DESCRIPTOR, BILL, CHURN, STALL,
       FAIRNESS };

enum { PARTS_MAX = 2,
       TOP = 1000,              /* the high descriptor of HIGH_DESCRIPTOR */
       FEW = 5 };               /* its clients */

#define STALL_MS 100.0          /* milliseconds of STALL */

struct point {
    int experiment, part;
    double x;
    int active, idle;
    bool churn;
    double half_of;             /* open loop at half the closed-loop rate with so many
                                   clients; 0: not */
    double rate;                /* open loop at this rate; 0: closed loop */
    double seconds, warmup;
};

struct plan {
    int rounds, count;
    struct point points[64];
};

struct experiment {
    int number;
    const char *name;           /* a heading */
    const char *x_name;         /* what x counts; NULL where parts are compared */
    const char *parts[PARTS_MAX];   /* the situations; NULL where there is one only */
};
extern const struct experiment experiments[EXPERIMENTS + 1];    /* [0] is unused */

/*
 * The points of the experiments in `wanted` (bit N for number N). `descriptors` is
 * RLIMIT_NOFILE, which bounds the idle clients; `rounds` 0 means the usual number.
 */
void plan_make(struct plan *plan, unsigned wanted, bool quick, int rounds,
               long descriptors);

/* About how long one server takes over a point, in seconds. */
double point_seconds(const struct point *point);

#endif
