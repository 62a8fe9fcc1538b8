#include "results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const field_names[FIELDS] = {
    "requests", "seconds", "rate", "asked_rate", "cpu_s", "rss_kib",
    "p50_us", "p90_us", "p99_us", "p999_us", "max_us",
    "sent_p50_us", "sent_p90_us", "sent_p99_us", "sent_p999_us", "sent_max_us",
    "client_busy", "client_late", "flood_rate", "top_descriptor",
    "wrong", "missing", "refused", "connect", "timeout",
    "ledger_requests", "ledger_accepted", "ledger_peak", "ledger_waits",
    "ledger_wait_timeouts", "ledger_watched", "ledger_ready", "ledger_scanned",
    "ledger_kernel_bytes", "ledger_interest_calls", "ledger_accept_calls",
    "ledger_read_calls", "ledger_write_calls", "ledger_would_block",
};

const char *const outcome_names[] = { "fine", "full", "unmeasured", "faulty" };

const struct measure_text measures[MEASURES] = {
    [CPU_US] = { "cpu_us", "server CPU per request", "µs" },
    [REQUEST_RATE] = { "rate", "requests per second", "/s" },
    [EVENTS_PER_WAIT] = { "events_per_wait", "descriptors ready per wait", "" },
    [SCANNED_EACH] = { "scanned", "slots scanned per request", "" },
    [KERNEL_BYTES_EACH] = { "kernel_bytes", "bytes copied to and from the kernel "
                            "by waiting, per request", "B" },
    [WAITS_1000] = { "waits_1000", "wait", "" },
    [INTEREST_1000] = { "interest_1000", "epoll_ctl", "" },
    [ACCEPTS_1000] = { "accepts_1000", "accept", "" },
    [READS_1000] = { "reads_1000", "read", "" },
    [WRITES_1000] = { "writes_1000", "write", "" },
    [AGAIN_1000] = { "again_1000", "would block", "" },
    [CALLS_1000] = { "calls_1000", "all calls", "" },
    [LAT_P50] = { "p50_us", "50 %", "µs" },
    [LAT_P90] = { "p90_us", "90 %", "µs" },
    [LAT_P99] = { "p99_us", "99 %", "µs" },
    [LAT_P999] = { "p999_us", "99.9 %", "µs" },
    [LAT_MAX] = { "max_us", "slowest", "µs" },
    [LATS_P50] = { "sent_p50_us", "50 %", "µs" },
    [LATS_P90] = { "sent_p90_us", "90 %", "µs" },
    [LATS_P99] = { "sent_p99_us", "99 %", "µs" },
    [LATS_P999] = { "sent_p999_us", "99.9 %", "µs" },
    [LATS_MAX] = { "sent_max_us", "slowest", "µs" },
    [RSS_MIB] = { "rss_mib", "resident memory of the server", "MiB" },
};

void results_init(struct results *r)
{
    memset(r, 0, sizeof *r);
    r->other_cpus = NAN;
}

void results_free(struct results *r)
{
    for (int i = 0; i < r->sample_count; i++) {
        free(r->samples[i].curve);
        free(r->samples[i].sent_curve);
    }
    free(r->samples);
    results_init(r);
}

struct sample *results_add(struct results *r)
{
    if (r->sample_count == r->sample_room) {
        int room = r->sample_room == 0 ? 256 : r->sample_room * 2;
        struct sample *more = realloc(r->samples, (size_t)room * sizeof *more);

        if (more == NULL) {
            fprintf(stderr, "compare: out of memory for results\n");
            exit(1);
        }
        r->samples = more;
        r->sample_room = room;
    }
    struct sample *s = &r->samples[r->sample_count++];
    memset(s, 0, sizeof *s);
    for (int f = 0; f < FIELDS; f++)
        s->field[f] = NAN;
    return s;
}

static double quotient(double a, double b)
{
    return b == 0 ? NAN : a / b;
}

double sample_measure(const struct sample *s, enum measure m)
{
    const double *f = s->field;
    double answered = f[L_REQUESTS];

    switch (m) {
    case CPU_US: return quotient(f[CPU_S] * 1e6, f[REQUESTS]);
    case REQUEST_RATE: return f[RATE];
    case EVENTS_PER_WAIT: return quotient(f[L_READY], f[L_WAITS] - f[L_WAIT_TIMEOUTS]);
    case SCANNED_EACH: return quotient(f[L_SCANNED], answered);
    case KERNEL_BYTES_EACH: return quotient(f[L_KERNEL_BYTES], answered);
    case WAITS_1000: return quotient(f[L_WAITS] * 1000, answered);
    case INTEREST_1000: return quotient(f[L_INTEREST_CALLS] * 1000, answered);
    case ACCEPTS_1000: return quotient(f[L_ACCEPT_CALLS] * 1000, answered);
    case READS_1000: return quotient(f[L_READ_CALLS] * 1000, answered);
    case WRITES_1000: return quotient(f[L_WRITE_CALLS] * 1000, answered);
    case AGAIN_1000: return quotient(f[L_WOULD_BLOCK] * 1000, answered);
    case CALLS_1000: return quotient((f[L_WAITS] + f[L_INTEREST_CALLS] +
                                      f[L_ACCEPT_CALLS] + f[L_READ_CALLS] +
                                      f[L_WRITE_CALLS]) * 1000, answered);
    case LAT_P50: return f[P50];
    case LAT_P90: return f[P90];
    case LAT_P99: return f[P99];
    case LAT_P999: return f[P999];
    case LAT_MAX: return f[MAX];
    case LATS_P50: return f[SENT_P50];
    case LATS_P90: return f[SENT_P90];
    case LATS_P99: return f[SENT_P99];
    case LATS_P999: return f[SENT_P999];
    case LATS_MAX: return f[SENT_MAX];
    case RSS_MIB: return f[RSS_KIB] / 1024;
    case MEASURES: break;
    }
    return NAN;
}

bool measure_is_latency(enum measure m)
{
    return m >= LAT_P50 && m <= LATS_MAX;
}

void results_rounds(const struct results *r, int experiment, int part, double x,
                    int server, enum measure m, double values[ROUNDS_MAX])
{
    for (int i = 0; i < ROUNDS_MAX; i++)
        values[i] = NAN;
    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->experiment == experiment && s->part == part && s->x == x
            && s->server == server && s->outcome == FINE)
            values[s->round] = sample_measure(s, m);
    }
}

struct spread results_spread(const struct results *r, int experiment, int part,
                             double x, int server, enum measure m)
{
    double values[ROUNDS_MAX];

    results_rounds(r, experiment, part, x, server, m, values);
    return spread_of(values, ROUNDS_MAX);
}

struct spread results_ratios(const struct results *r, int experiment, int part,
                             double x, int a, int b, enum measure m)
{
    double va[ROUNDS_MAX], vb[ROUNDS_MAX];

    results_rounds(r, experiment, part, x, a, m, va);
    results_rounds(r, experiment, part, x, b, m, vb);
    return spread_of_ratios(va, vb, ROUNDS_MAX);
}

int results_points(const struct results *r, int experiment, int part,
                   double x[POINTS_MAX])
{
    int n = 0;

    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];
        int at = 0;

        if (s->experiment != experiment || s->part != part)
            continue;
        while (at < n && x[at] < s->x)
            at++;
        if ((at < n && x[at] == s->x) || n == POINTS_MAX)
            continue;
        memmove(&x[at + 1], &x[at], (size_t)(n - at) * sizeof x[0]);
        x[at] = s->x;
        n++;
    }
    return n;
}

bool results_has(const struct results *r, int experiment)
{
    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == experiment)
            return true;
    return false;
}

const struct sample *results_find(const struct results *r, int experiment,
                                  int server, enum outcome outcome)
{
    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if ((experiment == 0 || s->experiment == experiment)
            && s->server == server && s->outcome == outcome)
            return s;
    }
    return NULL;
}
