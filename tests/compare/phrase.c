#include "phrase.h"

#include <math.h>
#include <string.h>

#include "format.h"

double largest_point(const struct results *r, int experiment, int part)
{
    double x[POINTS_MAX];
    int n = results_points(r, experiment, part, x);

    return n > 0 ? x[n - 1] : 0;
}

double margin(const struct results *r)
{
    return r->rounds >= 5 ? 0.05 : 0.1;
}

void phrase_comma(FILE *out, int index, int count)
{
    if (index > 0)
        fputs(index == count - 1 ? " and " : ", ", out);
}

void phrase_names(FILE *out, const struct results *r, const int *servers, int count)
{
    for (int i = 0; i < count; i++) {
        phrase_comma(out, i, count);
        fputs(r->servers[servers[i]].label, out);
    }
}

void phrase_measures(FILE *out, const struct results *r, int experiment, int part,
                     double x, enum measure m)
{
    double known[SERVERS_MAX];
    int servers[SERVERS_MAX], n = 0;
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        known[n] = results_spread(r, experiment, part, x, s, m).median;
        if (!isnan(known[n]))
            servers[n++] = s;
    }
    for (int i = 0; i < n; i++) {
        phrase_comma(out, i, n);
        fprintf(out, "%s %s", r->servers[servers[i]].label,
                measure_is_latency(m) || m == CPU_US ? format_latency(text, known[i])
                : format_value(text, known[i]));
    }
    if (n == 0)
        fputs("not known", out);
}

void phrase_latency_range(FILE *out, const struct results *r, int experiment, int part,
                          double x, enum measure m)
{
    double low = INFINITY, high = -INFINITY;
    char text[FORMAT_MAX];

    for (int s = 0; s < r->server_count; s++) {
        double v = results_spread(r, experiment, part, x, s, m).median;

        low = fmin(low, v);
        high = fmax(high, v);
    }
    if (high < low) {
        fputs("an unknown time", out);
        return;
    }
    fputs(format_latency(text, low), out);
    if (high > low)
        fprintf(out, " to %s", format_latency(text, high));
}

/* The cheapest server that is of epoll's kind, or that is not; -1 if there is none. A
 * server without a ledger has not said which kind it is. */
static int cheapest(const struct results *r, int experiment, double x, bool epoll)
{
    double least = INFINITY;
    int best = -1;

    for (int s = 0; s < r->server_count; s++) {
        const char *mechanism = r->servers[s].mechanism;
        double v = results_spread(r, experiment, 0, x, s, CPU_US).median;

        if (mechanism[0] != '\0' && v < least
            && (strncmp(mechanism, "epoll", 5) == 0) == epoll) {
            least = v;
            best = s;
        }
    }
    return best;
}

struct contest epoll_contest(const struct results *r, int experiment, double x)
{
    struct contest c = { .verdict = UNKNOWN };

    c.epoll = cheapest(r, experiment, x, true);
    c.rest = cheapest(r, experiment, x, false);
    if (c.epoll == -1 || c.rest == -1)
        return c;
    c.ratios = results_ratios(r, experiment, 0, x, c.epoll, c.rest, CPU_US);
    c.verdict = ratios_verdict(&c.ratios, margin(r));
    return c;
}

void phrase_contest(FILE *out, const struct results *r, const struct contest *c)
{
    char text[FORMAT_MAX];

    fprintf(out, "%s costs %s times what %s does", r->servers[c->epoll].label,
            format_spread(text, &c->ratios), r->servers[c->rest].label);
}
