/* words_found: what each experiment found, and the numbers that only it has. */
#include <math.h>
#include <string.h>

#include "format.h"
#include "phrase.h"
#include "plan.h"

/* The growth of the cost for each 1,000 idle clients, a value a round; whether it is
 * more than the spread. */
static bool idle_slope(const struct results *r, int server, struct spread *slope)
{
    double x[POINTS_MAX], y[POINTS_MAX][ROUNDS_MAX], slopes[ROUNDS_MAX], most = 0;
    int n = results_points(r, IDLE_SLOPE, 0, x);

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
    struct spread none = results_spread(r, IDLE_SLOPE, 0, 0, server, CPU_US);
    double growth = slope->median * most / 1000;
    return slope->n > 0 && slope->inner_min > 0 && growth > none.max - none.min
        && growth > (slope->n < 3 ? 0.5 : 0.1) * none.median;
}

bool find_idle(FILE *out, const struct results *r, int experiment)
{
    int growing[SERVERS_MAX], flat[SERVERS_MAX], growing_count = 0, flat_count = 0;
    struct spread slopes[SERVERS_MAX], slope;
    char text[FORMAT_MAX];

    (void)experiment;
    for (int s = 0; s < r->server_count; s++) {
        if (idle_slope(r, s, &slope)) {
            slopes[growing_count] = slope;
            growing[growing_count++] = s;
        } else if (slope.n > 0) {
            flat[flat_count++] = s;
        }
    }
    if (growing_count + flat_count == 0)
        return false;
    if (growing_count > 0) {
        fputs("Idle clients cost something in ", out);
        phrase_names(out, r, growing, growing_count);
        fputs(flat_count > 0 ? ", and nothing that can be measured in " : "", out);
    } else {
        fputs("Idle clients cost nothing that can be measured here, in ", out);
    }
    phrase_names(out, r, flat, flat_count);
    for (int i = 0; i < growing_count; i++) {
        fputs(i == 0 ? ". With 10 clients active, each 1,000 idle ones cost " : "", out);
        phrase_comma(out, i, growing_count);
        fprintf(out, "%s %s µs", r->servers[growing[i]].label,
                format_spread(text, &slopes[i]));
    }
    fputs(growing_count > 0 ? " of server CPU more for each request." : ".", out);
    return true;
}

/* "An idle client takes ... of the server's own memory". */
static void put_memory(FILE *out, const struct results *r)
{
    double x[POINTS_MAX];
    int n = results_points(r, IDLE_SLOPE, 0, x), said = 0;
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        double none = results_spread(r, IDLE_SLOPE, 0, 0, s, RSS_MIB).median;

        for (int i = n - 1; i > 0; i--) {
            double all = results_spread(r, IDLE_SLOPE, 0, x[i], s, RSS_MIB).median;

            if (isnan(all) || isnan(none) || x[i] < 500)
                continue;
            fprintf(out, "%s %s %s KiB", said++ > 0 ? "," : " Of the server's own "
                    "memory an idle client takes, in", r->servers[s].label,
                    format_value(text, (all - none) * 1024 / x[i]));
            break;
        }
    }
    fputs(said > 0 ? "." : "", out);
}

void say_limits(FILE *out, const struct results *r)
{
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        const struct sample *full = results_find(r, IDLE_SLOPE, s, FULL);

        if (full == NULL)
            continue;
        fprintf(out, " The line of %s ends: with %s idle clients it refused some",
                r->servers[s].label, format_count(text, full->x));
        if (!isnan(full->field[L_PEAK]))
            fprintf(out, ", having taken %s", format_count(text, full->field[L_PEAK]));
        fputs(strcmp(r->servers[s].mechanism, "select") == 0
              ? "; its sets have FD_SETSIZE, 1,024, bits." : ".", out);
    }
    put_memory(out, r);
}

/* One of the texts, up to the ratio; false when there is nothing to compare. */
static bool put_verdict(FILE *out, const struct results *r, int experiment,
                        const char *more, const char *same, const char *less)
{
    struct contest c = epoll_contest(r, experiment, largest_point(r, experiment, 0));

    fputs(c.verdict == MORE ? more : c.verdict == SAME ? same : c.verdict == LESS ? less
          : "There is no pair of epoll and another to compare.", out);
    return c.verdict != UNKNOWN;
}

bool find_active(FILE *out, const struct results *r, int experiment)
{
    return put_verdict(out, r, experiment, "epoll has nothing to win, and pays: ",
                       "epoll wins nothing, and loses no more than the rounds differ among "
                       "themselves: ", "epoll is cheaper even so, against expectation: ");
}

bool find_churn(FILE *out, const struct results *r, int experiment)
{
    return put_verdict(out, r, experiment,
                       "Telling the kernel of each connection has its price: ",
                       "The price of epoll_ctl is smaller than the rounds differ here: ",
                       "The price of epoll_ctl does not show here; something else weighs "
                       "more: ");
}

bool find_half_load(FILE *out, const struct results *r, int experiment)
{
    double x = largest_point(r, HALF_LOAD, 0);
    struct contest before = epoll_contest(r, ALL_ACTIVE, x);
    bool was_no_gain = before.verdict == MORE
        || (before.verdict == SAME && before.ratios.median > 1 - margin(r));
    struct contest now = epoll_contest(r, HALF_LOAD, x);
    char text[FORMAT_MAX];

    if (!put_verdict(out, r, experiment, "That a server with time to spare pays more for "
                     "scanning does not show on this machine: ",
                     "At half load the rounds differ too much here to call a difference: ",
                     was_no_gain ? "At half load the ranking turns over: "
                     : "At half load epoll is the cheaper: "))
        return false;
    phrase_contest(out, r, &now);
    if (now.verdict == LESS && before.verdict != UNKNOWN)
        fprintf(out, ", where all at once it was %s", format_spread(text, &before.ratios));
    fputs(".", out);
    return false;
}

/* What one server pays for it; false when nothing can be seen. */
static bool put_high_descriptor(FILE *out, const struct results *r, int server,
                                const char *before)
{
    double cost[2][ROUNDS_MAX], scanned[2];
    char text[FORMAT_MAX];

    for (int part = 0; part < 2; part++) {
        double x = largest_point(r, HIGH_DESCRIPTOR, part);

        results_rounds(r, HIGH_DESCRIPTOR, part, x, server, CPU_US, cost[part]);
        scanned[part] = results_spread(r, HIGH_DESCRIPTOR, part, x, server,
                                       SCANNED_EACH).median;
    }
    struct spread ratios = spread_of_ratios(cost[1], cost[0], ROUNDS_MAX);
    bool dearer = ratios_verdict(&ratios, margin(r)) == MORE;
    bool scans = scanned[1] > 2 * scanned[0];
    if (!dearer && !scans)
        return false;
    fprintf(out, "%s%s pays %s times as much", before, r->servers[server].label,
            format_spread(text, &ratios));
    if (scans) {
        fprintf(out, "%s, looking through %s slots for a request",
                dearer ? "" : " (no more than the rounds differ)",
                format_value(text, scanned[1]));
        fprintf(out, " instead of %s", format_value(text, scanned[0]));
    }
    return true;
}

bool find_high_descriptor(FILE *out, const struct results *r, int experiment)
{
    int same[SERVERS_MAX], same_count = 0, dearer_count = 0;

    phrase_fill(out, r, experiment,
                "With one of five clients on descriptor {most top_descriptor}, ");
    for (int s = 0; s < r->server_count; s++) {
        if (put_high_descriptor(out, r, s, dearer_count > 0 ? "; " : ""))
            dearer_count++;
        else
            same[same_count++] = s;
    }
    if (same_count > 0) {
        fputs(dearer_count > 0 ? "; " : "", out);
        phrase_names(out, r, same, same_count);
        fputs(same_count > 1 ? " show" : " shows", out);
        fputs(" no difference that is larger than the rounds differ", out);
    }
    fputs(".", out);
    return false;
}

bool find_stall(FILE *out, const struct results *r, int experiment)
{
    double x = largest_point(r, experiment, 0);
    int known = 0, hidden = 0;

    for (int s = 0; s < r->server_count; s++) {
        double sent = results_spread(r, STALL, 0, x, s, LATS_P99).median;
        double due = results_spread(r, STALL, 0, x, s, LAT_P99).median;

        known += due > 0;
        hidden += due > 3 * sent;
    }
    fputs("Counting from when requests were sent ", out);
    fputs(hidden == known ? "hides the stall: " : hidden > 0
          ? "hides the stall, though not with every server here: "
          : "does not hide the stall here: ", out);
    return true;
}

bool find_fairness(FILE *out, const struct results *r, int experiment)
{
    double x = largest_point(r, experiment, 1), worst = 0;

    for (int s = 0; s < r->server_count; s++)
        worst = fmax(worst, results_spread(r, experiment, 1, x, s, LAT_P99).median);
    fputs(worst < 10000 ? "Nobody starves: " : "Somebody starves: ", out);
    return true;
}
