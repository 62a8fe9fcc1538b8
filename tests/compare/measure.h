/*
 * measure: one server in one situation: start it, load it, watch it, end it, and read
 * what the load client and the server's ledger have to say.
 */
#ifndef COMPARE_MEASURE_H
#define COMPARE_MEASURE_H

#include "plan.h"
#include "results.h"

struct bench {
    struct results *results;
    char directory[200];            /* of this run's temporary files */
    char loadgen[1024];
    int server_cpu, client_cpu;     /* -1: not pinned */
    int own_descriptors[SERVERS_MAX];   /* open in the idle server; 0: not known yet */
    int faults[SERVERS_MAX];        /* faulty samples so far */
    int starts_failed[SERVERS_MAX];
};

/* Makes the temporary directory and chooses the CPUs. -1 with a line on stderr. */
int bench_open(struct bench *b, struct results *results, const char *program_folder);
/* Removes it, as a signal handler may. */
void bench_remove(void);

/* A server that never starts, or was faulty often, is not tried again. */
bool bench_gave_up(const struct bench *b, int server);

/* Adds one sample and returns its outcome. `rate` is that of open loop, 0 for closed
 * loop. */
enum outcome bench_measure(struct bench *b, const struct point *point, int server,
                           int round, double rate);

/*
 * Half of what the slowest of the four standard servers (of all, without those) can
 * answer with so many clients, in requests a second: a rate that all can keep, and the
 * same for all. From what ALL_ACTIVE has measured, else measured here.
 */
double bench_half_rate(struct bench *b, const struct point *point);

#endif
