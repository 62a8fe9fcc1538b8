/* words_waiting: of experiments 1 to 4, which are about what a wait costs. */
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

void idle_headline(FILE *out, const struct results *r)
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
    fputs(growing_count > 0 ? "With 10 clients active, each 1,000 idle ones cost "
          : "Idle clients cost ", out);
    for (int i = 0; i < growing_count; i++) {
        phrase_comma(out, i, growing_count);
        fprintf(out, "%s %s µs", r->servers[growing[i]].label,
                format_spread(text, &slopes[i]));
    }
    fputs(growing_count > 0 ? " of server CPU more per request" : "", out);
    fputs(growing_count > 0 && flat_count > 0 ? "; " : "", out);
    phrase_names(out, r, flat, flat_count);
    if (flat_count > 0)
        fputs(growing_count == 0 ? " nothing measurable here" : flat_count > 1
              ? " pay nothing measurable" : " pays nothing measurable", out);
    fputs(flat_count > 0 ? " (the spread is larger)." : ".", out);
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

void idle_details(FILE *out, const struct results *r)
{
    char text[FORMAT_MAX];

    fprintf(out, "Measured with up to %s idle clients.",
            format_count(text, largest_point(r, IDLE_SLOPE, 0)));
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

void active_headline(FILE *out, const struct results *r)
{
    double x = largest_point(r, ALL_ACTIVE, 0);
    struct contest c = epoll_contest(r, ALL_ACTIVE, x);
    char text[FORMAT_MAX];

    fprintf(out, "With %s clients, all active, ", format_count(text, x));
    if (c.verdict == UNKNOWN) {
        fputs("there is no pair of epoll and another to compare.", out);
        return;
    }
    fputs(c.verdict == MORE ? "epoll has nothing to win, and pays: "
          : c.verdict == SAME ? "epoll wins nothing, and loses nothing beyond the "
          "spread: " : "epoll is cheaper even so, against expectation: ", out);
    phrase_contest(out, r, &c);
    fputs(".", out);
}

void active_details(FILE *out, const struct results *r)
{
    double x = largest_point(r, ALL_ACTIVE, 0);

    fputs("A request then costs the server's CPU: ", out);
    phrase_measures(out, r, ALL_ACTIVE, 0, x, CPU_US);
    fputs(". Descriptors ready per wait: ", out);
    phrase_measures(out, r, ALL_ACTIVE, 0, x, EVENTS_PER_WAIT);
    fputs(".", out);
}

void half_load_headline(FILE *out, const struct results *r)
{
    double x = largest_point(r, HALF_LOAD, 0);
    struct contest c = epoll_contest(r, HALF_LOAD, x);
    struct contest before = epoll_contest(r, ALL_ACTIVE, x);
    bool was_no_gain = before.verdict == MORE
        || (before.verdict == SAME && before.ratios.median > 1 - margin(r));
    char text[FORMAT_MAX];

    if (c.verdict == UNKNOWN) {
        fputs("There is no pair of epoll and another to compare.", out);
        return;
    }
    fputs(c.verdict == LESS && was_no_gain ? "At half load the ranking turns over: "
          : c.verdict == LESS ? "At half load epoll is the cheaper: "
          : c.verdict == SAME ? "At half load the rounds disagree too much here to call "
          "a difference: " : "That having time makes scanning dear does not show on this "
          "machine: ", out);
    phrase_contest(out, r, &c);
    if (c.verdict == LESS && before.verdict != UNKNOWN)
        fprintf(out, ", where all at once it was %s",
                format_spread(text, &before.ratios));
    fputs(".", out);
}

void half_load_details(FILE *out, const struct results *r)
{
    double x = largest_point(r, HALF_LOAD, 0);
    char rate[FORMAT_MAX], clients[FORMAT_MAX];

    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == HALF_LOAD && r->samples[i].x == x
            && !isnan(r->samples[i].field[ASKED_RATE])) {
            fprintf(out, "At %s requests a second, half of what the slowest can "
                    "answer, from %s clients, a request costs: ",
                    format_count(rate, r->samples[i].field[ASKED_RATE]),
                    format_count(clients, x));
            break;
        }
    phrase_measures(out, r, HALF_LOAD, 0, x, CPU_US);
    fputs(". Descriptors ready per wait: ", out);
    phrase_measures(out, r, HALF_LOAD, 0, x, EVENTS_PER_WAIT);
    fputs(".", out);
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
    fprintf(out, "%s%s ", before, r->servers[server].label);
    if (scans) {
        fprintf(out, "looks through %s slots for a request",
                format_value(text, scanned[1]));
        fprintf(out, " instead of %s, %s ", format_value(text, scanned[0]),
                dearer ? "and" : "but the price is within the spread:");
    }
    fprintf(out, "%s %s times as much", scans && !dearer ? "it pays" : "pays",
            format_spread(text, &ratios));
    return true;
}

void high_descriptor_headline(FILE *out, const struct results *r)
{
    int same[SERVERS_MAX], same_count = 0, dearer_count = 0;
    double top = NAN;
    char text[FORMAT_MAX];

    for (int i = 0; i < r->sample_count; i++)
        if (r->samples[i].experiment == HIGH_DESCRIPTOR && r->samples[i].part == 1)
            top = fmax(top, r->samples[i].field[TOP_DESCRIPTOR]);
    fprintf(out, "Of %d clients one is on descriptor %s: ", FEW,
            format_count(text, top));
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
        fputs(" no difference beyond the spread", out);
    }
    fputs(".", out);
}

void high_descriptor_details(FILE *out, const struct results *r)
{
    fputs("Bytes copied to and from the kernel for waiting, per request, with the high "
          "one: ", out);
    phrase_measures(out, r, HIGH_DESCRIPTOR, 1, largest_point(r, HIGH_DESCRIPTOR, 1),
                    KERNEL_BYTES_EACH);
    fputs(".", out);
}
