/*
 * Latency by percentile. The x axis counts nines (90, 99, 99.9 per cent equally far
 * apart), because what hurts users lies in the last of them, where a linear axis shows
 * nothing. Curves come from the histograms of the rounds: at each percentile the median
 * of the rounds, the range as a band; marks are the percentiles that were reported.
 */
#include <math.h>

#include "chart.h"
#include "format.h"

#define STEPS 60
static const double NINES_MOST = 0.999;

static const struct { double share; enum measure due, sent; } reported[] = {
    { 0.5, LAT_P50, LATS_P50 }, { 0.9, LAT_P90, LATS_P90 },
    { 0.99, LAT_P99, LATS_P99 }, { 0.999, LAT_P999, LATS_P999 },
};
enum { REPORTED = sizeof reported / sizeof reported[0] };

static double share_of_step(int step)
{
    return 1 - pow(10, log10(1 - NINES_MOST) * step / STEPS);
}

/* The bound that `share` of the requests stayed within. */
static double percentile(const struct curve *curve, double share)
{
    double total = 0, sum = 0;

    for (int i = 0; i < curve->n; i++)
        total += curve->count[i];
    for (int i = 0; i < curve->n; i++) {
        sum += curve->count[i];
        if (sum >= share * total && sum > 0)
            return curve->upper_us[i];
    }
    return NAN;
}

static struct spread percentile_of_rounds(const struct results *r,
                                          const struct panel *panel, int server,
                                          double share)
{
    double values[ROUNDS_MAX];
    int n = 0;

    for (int i = 0; i < r->sample_count && n < ROUNDS_MAX; i++) {
        const struct sample *s = &r->samples[i];
        const struct curve *c = panel->measure == LATS_P50 ? s->sent_curve : s->curve;

        if (s->experiment == panel->experiment && s->part == panel->part
            && s->server == server && s->outcome == FINE && c != NULL)
            values[n++] = percentile(c, share);
    }
    return spread_of(values, n);
}

/* Both panels of an experiment get the same axis, or they could not be compared. */
static void find_range(const struct results *r, int experiment, struct axis *y)
{
    static const enum measure lowest[] = { LAT_P50, LATS_P50 };
    static const enum measure highest[] = { LAT_P999, LATS_P999 };

    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->experiment != experiment || s->outcome != FINE)
            continue;
        for (int k = 0; k < 2; k++) {       /* fmin and fmax pass over NAN */
            y->low = fmin(y->low, sample_measure(s, lowest[k]));
            y->high = fmax(y->high, sample_measure(s, highest[k]));
        }
    }
    axis_fit(y);
}

static double clamped(const struct axis *y, double value)
{
    return axis_at(y, fmin(fmax(value, y->low), y->high));
}

static double draw_curve(FILE *out, const struct results *r, const struct panel *panel,
                         int server, const struct axis *x, const struct axis *y)
{
    struct spread at[STEPS + 1];

    for (int i = 0; i <= STEPS; i++)
        at[i] = percentile_of_rounds(r, panel, server, share_of_step(i));
    if (at[STEPS].n == 0)
        return NAN;
    fprintf(out, "<path class=\"band s%d\" d=\"", server);
    for (int i = 0; i <= STEPS; i++)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', axis_at(x, share_of_step(i)),
                clamped(y, at[i].max));
    for (int i = STEPS; i >= 0; i--)
        fprintf(out, "L%.1f %.1f", axis_at(x, share_of_step(i)), clamped(y, at[i].min));
    fprintf(out, "z\"/>\n<path class=\"line s%d\" d=\"", server);
    for (int i = 0; i <= STEPS; i++)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', axis_at(x, share_of_step(i)),
                clamped(y, at[i].median));
    fputs("\"/>\n", out);
    return clamped(y, at[STEPS].median);
}

static void draw_reported(FILE *out, const struct results *r, const struct panel *panel,
                          int server, double point, const struct axis *x,
                          const struct axis *y)
{
    char median[FORMAT_MAX], range[FORMAT_MAX], text[300];

    for (int i = 0; i < REPORTED; i++) {
        enum measure m = panel->measure == LATS_P50 ? reported[i].sent
                                                    : reported[i].due;
        struct spread v = results_spread(r, panel->experiment, panel->part, point,
                                         server, m);
        struct source source = { panel->experiment, panel->part, server, point,
                                 v.median, m };

        if (v.n == 0)
            continue;
        snprintf(text, sizeof text, "%s, %s: %s [%s]", r->servers[server].label,
                 measures[m].name, format_latency(median, v.median),
                 format_latency_range(range, &v));
        mark_draw(out, r, &source, axis_at(x, reported[i].share), clamped(y, v.median),
                  false, text);
    }
}

void chart_curves(FILE *out, const struct results *r, const struct panel *panel)
{
    struct axis x = { NINES, 0, NINES_MOST, PLOT_LEFT, PLOT_RIGHT };
    struct axis y = { LOG, INFINITY, -INFINITY, PLOT_BOTTOM, PLOT_TOP };
    struct label labels[SERVERS_MAX];
    double points[POINTS_MAX];
    int count = 0;

    if (results_points(r, panel->experiment, panel->part, points) == 0)
        return;
    find_range(r, panel->experiment, &y);
    axis_draw_y(out, &y, true);
    axis_draw_x(out, &x, "share of the requests", PLOT_BOTTOM);
    for (int s = 0; s < r->server_count; s++) {
        double end = draw_curve(out, r, panel, s, &x, &y);

        if (isnan(end))
            continue;
        draw_reported(out, r, panel, s, points[0], &x, &y);
        labels[count].server = s;
        labels[count].x = PLOT_RIGHT;
        labels[count].y = end;
        snprintf(labels[count++].text, sizeof labels[0].text, "%s",
                 r->servers[s].label);
    }
    labels_draw(out, labels, count, PLOT_TOP, PLOT_BOTTOM);
}
