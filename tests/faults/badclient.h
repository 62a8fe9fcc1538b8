/* badclient.h - what the modes of badclient share. */
#ifndef BADCLIENT_H
#define BADCLIENT_H

#include "../lib/launch.h"

#include <stdbool.h>

/* What the command line asked for. */
struct plan {
    struct server target; /* its address and service; it is no child of ours */
    long count;           /* connections, or what the mode counts */
    double seconds;
    unsigned seed;
    bool verbose;
    const char *mode;
};

/* A number below limit; the same sequence for the same seed, on every machine. */
unsigned plan_random(struct plan *plan, unsigned limit);

/* A sentence on stdout; plan_detail only with -v. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void plan_detail(const struct plan *plan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The modes. Each fails the test (check.h) if the server did not keep its promise. */
void mode_slow_reader(struct plan *plan);
void mode_vanish(struct plan *plan);
void mode_flood(struct plan *plan);
void mode_trickle(struct plan *plan);
void mode_split(struct plan *plan);
void mode_garbage(struct plan *plan);
void mode_oob(struct plan *plan);
void mode_rst(struct plan *plan);
void mode_half_close(struct plan *plan);
void mode_hog_descriptors(struct plan *plan);
void mode_idle(struct plan *plan);

/* The bystander: a child with a connection of its own, which asks one request after the
 * other, checks the replies and notes the slowest. witness_start returns when the first
 * was answered; witness_expect_well says how it fared, and fails the test if that was
 * not well: a wrong or missing reply, or one that took two seconds. */
struct witness {
    pid_t pid;
    int control, report;
};

void witness_start(struct witness *w, struct plan *plan);
void witness_expect_well(struct witness *w);

/* A new client is served: asks until it is, for the server may still be busy with the
 * departure of others. */
void expect_service(const struct plan *plan);

#endif
