/*
 * results: what was measured, and nothing else.
 *
 * A sample is one run of the load client against one freshly started server. All
 * that is printed, drawn or said is computed from samples, so a saved results.json
 * gives the same page again. What is not known (no ledger, no reply) is NAN.
 */
#ifndef COMPARE_RESULTS_H
#define COMPARE_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "stats.h"

enum { SERVERS_MAX = 10, ROUNDS_MAX = 25, POINTS_MAX = 24, CURVE_MAX = 200,
       EXPERIMENTS = 8 };

/* The numbers of a sample; field_names[] has the keys they bear in JSON and CSV. */
enum field {
    REQUESTS, SECONDS, RATE, ASKED_RATE, CPU_S, RSS_KIB,
    P50, P90, P99, P999, MAX, SENT_P50, SENT_P90, SENT_P99, SENT_P999, SENT_MAX,
    CLIENT_BUSY, CLIENT_LATE, FLOOD_RATE, TOP_DESCRIPTOR,
    WRONG, MISSING, REFUSED, CONNECT, TIMEOUT,
    L_REQUESTS, L_ACCEPTED, L_PEAK, L_WAITS, L_WAIT_TIMEOUTS, L_WATCHED, L_READY,
    L_SCANNED, L_KERNEL_BYTES, L_INTEREST_CALLS, L_ACCEPT_CALLS, L_READ_CALLS,
    L_WRITE_CALLS, L_WOULD_BLOCK,
    FIELDS
};
extern const char *const field_names[FIELDS];
extern const char *const outcome_names[];

enum outcome {
    FINE,
    FULL,           /* the server said that it takes no more clients: a finding */
    UNMEASURED,     /* the load could not be made here: nobody's fault */
    FAULTY          /* wrong or missing replies, or it did not start or end well */
};

struct curve {      /* a histogram: counts by upper bound of latency, ascending */
    int n;
    double upper_us[CURVE_MAX], count[CURVE_MAX];
};

struct sample {
    int experiment, part, server, round;    /* part: a situation, from 0 */
    double x;                               /* clients, of those that vary them */
    enum outcome outcome;
    char reason[160];                       /* of any outcome but FINE */
    double field[FIELDS];
    struct curve *curve, *sent_curve;       /* from due, from sent; often NULL */
};

struct server {
    char name[48];                  /* "poll_server": as on the command line */
    char label[48];                 /* "poll": as in charts */
    char mechanism[16];             /* as its ledger says; "" without one */
    char command[512];
    bool standard;                  /* one of the four */
};

struct results {
    struct server servers[SERVERS_MAX];
    int server_count;
    struct sample *samples;
    int sample_count, sample_room;
    int rounds;
    bool quick;
    double seconds;                 /* how long it all took */
    double other_cpus;              /* CPUs kept busy by other programs meanwhile */
    long seed;
    char date[40], command[1024], host[80], kernel[200], cpu[120], cpus[200],
         compiler[120], flags[240];
    long descriptors;               /* RLIMIT_NOFILE, hard */
};

void results_init(struct results *r);
void results_free(struct results *r);

/* A new sample with all fields unknown, valid until the next; ends the program when
 * memory does. */
struct sample *results_add(struct results *r);

/* What is derived from a sample's fields; measures[] says how each is called. */
enum measure {
    CPU_US, REQUEST_RATE, EVENTS_PER_WAIT, SCANNED_EACH, KERNEL_BYTES_EACH,
    WAITS_1000, INTEREST_1000, ACCEPTS_1000, READS_1000, WRITES_1000, AGAIN_1000,
    CALLS_1000, LAT_P50, LAT_P90, LAT_P99, LAT_P999, LAT_MAX,
    LATS_P50, LATS_P90, LATS_P99, LATS_P999, LATS_MAX, RSS_MIB,
    MEASURES
};
extern const struct measure_text {
    const char *key, *name, *unit;
} measures[MEASURES];

bool measure_is_latency(enum measure m);
double sample_measure(const struct sample *s, enum measure m);

/* The fine samples' measure, one value a round (NAN where there is none). */
void results_rounds(const struct results *r, int experiment, int part, double x,
                    int server, enum measure m, double values[ROUNDS_MAX]);
struct spread results_spread(const struct results *r, int experiment, int part,
                             double x, int server, enum measure m);
/* Server a's over server b's, paired by round. */
struct spread results_ratios(const struct results *r, int experiment, int part,
                             double x, int a, int b, enum measure m);

/* The distinct x of an experiment's part, ascending; at most POINTS_MAX. */
int results_points(const struct results *r, int experiment, int part,
                   double x[POINTS_MAX]);
bool results_has(const struct results *r, int experiment);
/* The first sample of that outcome in an experiment (0: in any) of a server. */
const struct sample *results_find(const struct results *r, int experiment,
                                  int server, enum outcome outcome);

/* results_file.c: to a file and back. 0; -1 with a line on stderr. */
int results_write_json(const struct results *r, const char *path);
int results_write_csv(const struct results *r, const char *path);
int results_read_json(struct results *r, const char *path);
/* Closes a file; -1 with a line on stderr when not all of it could be written. */
int close_written(FILE *out, const char *path);
/* A histogram, [[upper_bound, count], ...]; NULL if it is none or empty. */
struct json;
struct curve *curve_read(const struct json *list);

#endif
