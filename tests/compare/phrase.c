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

static void phrase_measures(FILE *out, const struct results *r, int experiment, int part,
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

static void phrase_latency_range(FILE *out, const struct results *r, int experiment, int part,
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

/* The largest such field at the largest x. */
static double most_of(const struct results *r, int experiment, enum field field)
{
    double most = NAN;

    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->experiment == experiment && s->x == largest_point(r, experiment, s->part))
            most = fmax(most, s->field[field]);
    }
    return most;
}

/* What stands between the braces. */
static void fill_in(FILE *out, const struct results *r, int experiment, const char *slot)
{
    char form, key[40], text[FORMAT_MAX];
    int part;

    if (strcmp(slot, "x") == 0) {
        fputs(format_count(text, largest_point(r, experiment, 0)), out);
    } else if (strcmp(slot, "contest") == 0) {
        struct contest c = epoll_contest(r, experiment, largest_point(r, experiment, 0));

        phrase_contest(out, r, &c);
    } else if (sscanf(slot, "most %39s", key) == 1) {
        for (int f = 0; f < FIELDS; f++)
            if (strcmp(key, field_names[f]) == 0)
                fputs(format_count(text, most_of(r, experiment, (enum field)f)), out);
    } else if (sscanf(slot, "%d%c%39s", &part, &form, key) == 3) {
        for (int m = 0; m < MEASURES; m++)
            if (strcmp(key, measures[m].key) == 0)
                (form == '~' ? phrase_latency_range : phrase_measures)(
                    out, r, experiment, part, largest_point(r, experiment, part),
                    (enum measure)m);
    }
}

void phrase_fill(FILE *out, const struct results *r, int experiment, const char *text)
{
    char slot[60];
    int length;

    while (*text != '\0') {
        length = 0;
        if (sscanf(text, "{%59[^}]}%n", slot, &length) == 1 && length > 0) {
            fill_in(out, r, experiment, slot);
            text += length;
        } else {
            putc(*text++, out);
        }
    }
}
