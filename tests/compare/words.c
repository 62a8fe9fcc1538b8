#include "words.h"

#include <math.h>
#include <string.h>

#include "format.h"
#include "plan.h"

/* Less is no difference: 5 per cent, or 10 where only a few rounds can speak. */
static double margin(const struct results *r)
{
    return r->rounds >= 5 ? 0.05 : 0.1;
}

static const char *label(const struct results *r, int server)
{
    return r->servers[server].label;
}

static struct spread cost(const struct results *r, int experiment, int part, double x,
                          int server)
{
    return results_spread(r, experiment, part, x, server, CPU_US);
}

static double largest_point(const struct results *r, int experiment, int part)
{
    double x[POINTS_MAX];
    int n = results_points(r, experiment, part, x);

    return n > 0 ? x[n - 1] : 0;
}

/* Between the items of a list: "a, b and c". */
static void put_comma(FILE *out, int index, int count)
{
    if (index > 0)
        fputs(index == count - 1 ? " and " : ", ", out);
}

static void put_names(FILE *out, const struct results *r, const int *servers, int count)
{
    for (int i = 0; i < count; i++) {
        put_comma(out, i, count);
        fputs(label(r, servers[i]), out);
    }
}

/* "select 3.1 µs, poll 3.0 µs and ..." of a measure; the number of servers known. */
static int put_measures(FILE *out, const struct results *r, int experiment, int part,
                        double x, enum measure m)
{
    struct spread known[SERVERS_MAX];
    int servers[SERVERS_MAX], n = 0;
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        known[n] = results_spread(r, experiment, part, x, s, m);
        if (known[n].n > 0)
            servers[n++] = s;
    }
    for (int i = 0; i < n; i++) {
        put_comma(out, i, n);
        fprintf(out, "%s %s", label(r, servers[i]),
                measure_is_latency(m) || m == CPU_US
                ? format_latency(text, known[i].median)
                : format_value(text, known[i].median));
    }
    return n;
}

static bool is_epoll(const struct server *server)
{
    return strncmp(server->mechanism, "epoll", 5) == 0;
}

/* The cheapest server that is of epoll's kind, or that is not; -1 if there is none. */
static int cheapest(const struct results *r, int experiment, double x, bool epoll)
{
    int best = -1;

    for (int s = 0; s < r->server_count; s++) {
        double v = cost(r, experiment, 0, x, s).median;

        if (r->servers[s].mechanism[0] != '\0' && is_epoll(&r->servers[s]) == epoll &&
            !isnan(v) && (best == -1 || v < cost(r, experiment, 0, x, best).median))
            best = s;
    }
    return best;
}

/* Epoll's cheaper form against the cheaper of the others. */
static enum verdict epoll_against_rest(const struct results *r, int experiment,
                                       double x, struct spread *ratios, int *epoll,
                                       int *rest)
{
    *epoll = cheapest(r, experiment, x, true);
    *rest = cheapest(r, experiment, x, false);
    if (*epoll == -1 || *rest == -1)
        return UNKNOWN;
    *ratios = results_ratios(r, experiment, 0, x, *epoll, *rest, CPU_US);
    return ratios_verdict(ratios, margin(r));
}

/* The growth of the cost for each 1,000 idle clients, a value a round. */
static bool idle_slope(const struct results *r, int server, struct spread *slope)
{
    double x[POINTS_MAX], y[POINTS_MAX][ROUNDS_MAX], slopes[ROUNDS_MAX];
    int n = results_points(r, IDLE_SLOPE, 0, x);
    double most = 0;

    for (int i = 0; i < n; i++)
        results_rounds(r, IDLE_SLOPE, 0, x[i], server, CPU_US, y[i]);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        double column[POINTS_MAX];

        for (int i = 0; i < n; i++) {
            column[i] = y[i][round];
            if (!isnan(column[i]))
                most = fmax(most, x[i]);
        }
        slopes[round] = slope_of(x, column, n) * 1000;
    }
    *slope = spread_of(slopes, ROUNDS_MAX);
    struct spread none = cost(r, IDLE_SLOPE, 0, 0, server);
    double growth = slope->median * most / 1000;
    return slope->n > 0 && slope->min > 0 && growth > none.max - none.min &&
        growth > 0.05 * none.median;
}

static void find_idle_slope(FILE *out, const struct results *r)
{
    int growing[SERVERS_MAX], flat[SERVERS_MAX], growing_count = 0, flat_count = 0;
    struct spread slopes[SERVERS_MAX], slope;
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        if (idle_slope(r, s, &slope)) {
            slopes[growing_count] = slope;
            growing[growing_count++] = s;
        } else if (slope.n > 0) {
            flat[flat_count++] = s;
        }
    }
    if (growing_count > 0)
        fputs("With 10 clients active, each 1,000 idle ones cost ", out);
    for (int i = 0; i < growing_count; i++) {
        put_comma(out, i, growing_count);
        fprintf(out, "%s %s µs", label(r, growing[i]), format_spread(text, &slopes[i]));
    }
    if (growing_count > 0)
        fputs(" of server CPU more per request", out);
    if (flat_count > 0) {
        fputs(growing_count > 0 ? "; " : "Idle clients cost ", out);
        put_names(out, r, flat, flat_count);
        fputs(growing_count > 0 ? " pay nothing measurable (the spread is larger)."
              : " nothing measurable here: the spread of the rounds is larger.", out);
    } else {
        fputs(".", out);
    }
    for (int s = 0; s < r->server_count; s++) {
        const struct sample *full = results_find(r, IDLE_SLOPE, s, FULL);

        if (full == NULL)
            continue;
        fprintf(out, " %s ends here: with %s idle clients it refused some", label(r, s),
                format_value(text, full->x));
        if (!isnan(full->field[L_PEAK]))
            fprintf(out, ", having taken %s",
                    format_value(text, full->field[L_PEAK]));
        fputs(strcmp(r->servers[s].mechanism, "select") == 0
              ? "; its sets have FD_SETSIZE, 1,024, bits." : ".", out);
    }
    fprintf(out, " Measured with up to %s idle clients.",
            format_value(text, largest_point(r, IDLE_SLOPE, 0)));
}

static void find_all_active(FILE *out, const struct results *r)
{
    double x = largest_point(r, ALL_ACTIVE, 0);
    struct spread ratios;
    int epoll, rest;
    char text[FORMAT_MAX];

    fprintf(out, "With %s clients, all active, a request costs the server's CPU: ",
            format_value(text, x));
    put_measures(out, r, ALL_ACTIVE, 0, x, CPU_US);
    fputs(". ", out);
    enum verdict verdict = epoll_against_rest(r, ALL_ACTIVE, x, &ratios, &epoll, &rest);
    if (verdict == UNKNOWN)
        return;
    fputs(verdict == MORE ? "epoll has nothing to win here, and pays: "
          : verdict == SAME ? "epoll wins nothing here, and loses nothing beyond the "
          "spread: " : "Against expectation epoll is cheaper even so: ", out);
    fprintf(out, "%s costs %s times what %s does.", label(r, epoll),
            format_spread(text, &ratios), label(r, rest));
}

static void find_half_load(FILE *out, const struct results *r)
{
    double x = largest_point(r, HALF_LOAD, 0);
    struct spread ratios, before;
    int epoll, rest, epoll_before, rest_before;
    char text[FORMAT_MAX];

    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == HALF_LOAD && r->samples[i].x == x &&
            !isnan(r->samples[i].field[ASKED_RATE])) {
            fprintf(out, "At %s requests a second, half of what the slowest can "
                    "answer, and ", format_value(text, r->samples[i].field[ASKED_RATE]));
            break;
        }
    fprintf(out, "with %s clients, a request costs: ", format_value(text, x));
    put_measures(out, r, HALF_LOAD, 0, x, CPU_US);
    fputs(". Descriptors ready per wait: ", out);
    if (put_measures(out, r, HALF_LOAD, 0, x, EVENTS_PER_WAIT) == 0)
        fputs("not known", out);
    fputs(". ", out);
    enum verdict verdict = epoll_against_rest(r, HALF_LOAD, x, &ratios, &epoll, &rest);
    if (verdict == UNKNOWN)
        return;
    fprintf(out, "%s now costs %s times what %s does", label(r, epoll),
            format_spread(text, &ratios), label(r, rest));
    enum verdict earlier = epoll_against_rest(r, ALL_ACTIVE, x, &before, &epoll_before,
                                              &rest_before);
    if (verdict == LESS && (earlier == MORE || earlier == SAME))
        fprintf(out, ", where all at once it was %s: the ranking turns over.",
                format_spread(text, &before));
    else if (verdict == LESS)
        fputs(".", out);
    else
        fputs(verdict == SAME ? ": the rounds disagree too much here to call a "
              "difference." : ": that having time makes scanning dear does not show "
              "on this machine.", out);
}

/* What one server pays for it; false when nothing can be seen. */
static bool put_high_descriptor(FILE *out, const struct results *r, int server,
                                const char *before)
{
    double x[2], cost_of[2][ROUNDS_MAX], scanned[2];
    char text[FORMAT_MAX];

    for (int part = 0; part < 2; part++) {
        x[part] = largest_point(r, HIGH_DESCRIPTOR, part);
        results_rounds(r, HIGH_DESCRIPTOR, part, x[part], server, CPU_US,
                       cost_of[part]);
        scanned[part] = results_spread(r, HIGH_DESCRIPTOR, part, x[part], server,
                                       SCANNED_EACH).median;
    }
    struct spread ratios = spread_of_ratios(cost_of[1], cost_of[0], ROUNDS_MAX);
    bool dearer = ratios_verdict(&ratios, margin(r)) == MORE;
    bool scans = scanned[1] > 2 * scanned[0];
    if (!dearer && !scans)
        return false;
    fprintf(out, "%s%s ", before, label(r, server));
    if (scans) {
        fprintf(out, "looks through %s slots for a request",
                format_value(text, scanned[1]));
        fprintf(out, " instead of %s, %s ", format_value(text, scanned[0]),
                dearer ? "and" : "but the price is within the spread:");
    }
    fprintf(out, "it pays %s times as much", format_spread(text, &ratios));
    return true;
}

static void find_high_descriptor(FILE *out, const struct results *r)
{
    int same[SERVERS_MAX], same_count = 0, dearer_count = 0;
    double top = NAN;
    char text[FORMAT_MAX];

    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == HIGH_DESCRIPTOR && r->samples[i].part == 1)
            top = fmax(top, r->samples[i].field[TOP_DESCRIPTOR]);
    fprintf(out, "%d clients, one of them on descriptor %s: ", FEW,
            format_value(text, top));
    for (int s = 0; s < r->server_count; s++) {
        if (put_high_descriptor(out, r, s, dearer_count > 0 ? "; " : ""))
            dearer_count++;
        else
            same[same_count++] = s;
    }
    if (same_count > 0) {
        fputs(dearer_count > 0 ? "; " : "", out);
        put_names(out, r, same, same_count);
        fputs(same_count > 1 ? " show" : " shows", out);
        fputs(" no difference beyond the spread", out);
    }
    fputs(".", out);
}

static void find_bill(FILE *out, const struct results *r)
{
    for (int part = 0; part < 2; part++) {
        double x = largest_point(r, BILL, part);

        fprintf(out, "%sith %s, 1,000 requests take ", part == 0 ? "W" : " W",
                experiments[BILL].parts[part]);
        int n = put_measures(out, r, BILL, part, x, CALLS_1000);
        fputs(n > 0 ? " system calls; of these, waits: "
              : "an unknown number of calls (no ledger)", out);
        if (n > 0)
            put_measures(out, r, BILL, part, x, WAITS_1000);
        fputs(".", out);
    }
    fputs(" Calls that found nothing to do (would block), with 100 clients: ", out);
    if (put_measures(out, r, BILL, 1, largest_point(r, BILL, 1), AGAIN_1000) == 0)
        fputs("not known", out);
    fputs(".", out);
}

static void find_churn(FILE *out, const struct results *r)
{
    double x = largest_point(r, CHURN, 0);
    struct spread ratios;
    int epoll, rest;
    char text[FORMAT_MAX];

    fputs("A connection with one request in it costs the server's CPU: ", out);
    put_measures(out, r, CHURN, 0, x, CPU_US);
    fputs(". epoll_ctl calls for 1,000 connections: ", out);
    if (put_measures(out, r, CHURN, 0, x, INTEREST_1000) == 0)
        fputs("not known", out);
    fputs(". ", out);
    enum verdict verdict = epoll_against_rest(r, CHURN, x, &ratios, &epoll, &rest);
    if (verdict == UNKNOWN)
        return;
    fprintf(out, "%s costs %s times what %s does: ", label(r, epoll),
            format_spread(text, &ratios), label(r, rest));
    fputs(verdict == MORE ? "the price of telling the kernel about each."
          : verdict == LESS ? "the price of epoll_ctl does not show on this machine; "
          "something else weighs more."
          : "the price of epoll_ctl is within the spread here.", out);
}

static void find_stall(FILE *out, const struct results *r)
{
    double x = largest_point(r, STALL, 0);
    char sent[FORMAT_MAX], due[FORMAT_MAX];
    int shown = 0, hidden = 0;

    fprintf(out, "The server stood still for %d ms. 99 %% of the requests were answered "
            "within, counted from when they were sent, or from when they were due: ",
            STALL_MS);
    for (int s = 0; s < r->server_count; s++) {
        struct spread a = results_spread(r, STALL, 0, x, s, LATS_P99);
        struct spread b = results_spread(r, STALL, 0, x, s, LAT_P99);

        if (a.n == 0 || b.n == 0)
            continue;
        fprintf(out, "%s%s %s or %s", shown++ > 0 ? ", " : "", label(r, s),
                format_latency(sent, a.median), format_latency(due, b.median));
        hidden += b.median > 10 * a.median;
    }
    fputs(shown == 0 ? "not known." : hidden == shown
          ? ". The first figure hides the stall, the second shows it; the mechanism has "
          "no part in it." : hidden > 0 ? ". Not every server shows it here."
          : ". That the first hides the stall does not show here.", out);
}

static void find_fairness(FILE *out, const struct results *r)
{
    double x0 = largest_point(r, FAIRNESS, 0), x1 = largest_point(r, FAIRNESS, 1);
    char alone[FORMAT_MAX], beside[FORMAT_MAX];
    double worst = 0;
    int shown = 0, worst_server = 0;

    fputs("99 % of the pinger's requests are answered within, alone and beside the "
          "flooder: ", out);
    for (int s = 0; s < r->server_count; s++) {
        struct spread a = results_spread(r, FAIRNESS, 0, x0, s, LAT_P99);
        struct spread b = results_spread(r, FAIRNESS, 1, x1, s, LAT_P99);

        if (a.n == 0 || b.n == 0)
            continue;
        fprintf(out, "%s%s %s and %s", shown++ > 0 ? ", " : "", label(r, s),
                format_latency(alone, a.median), format_latency(beside, b.median));
        if (b.median > worst) {
            worst = b.median;
            worst_server = s;
        }
    }
    if (shown == 0) {
        fputs("not known.", out);
        return;
    }
    fprintf(out, ". %s", worst < 10000 ? "The flooder delays the pinger, but nobody "
            "starves: " : "That is starving: ");
    fprintf(out, "the longest of these waits is %s, of %s.",
            format_latency(beside, worst), label(r, worst_server));
}

void words_finding(FILE *out, const struct results *r, int experiment)
{
    switch (experiment) {
    case IDLE_SLOPE: find_idle_slope(out, r); break;
    case ALL_ACTIVE: find_all_active(out, r); break;
    case HALF_LOAD: find_half_load(out, r); break;
    case HIGH_DESCRIPTOR: find_high_descriptor(out, r); break;
    case BILL: find_bill(out, r); break;
    case CHURN: find_churn(out, r); break;
    case STALL: find_stall(out, r); break;
    case FAIRNESS: find_fairness(out, r); break;
    }
}
