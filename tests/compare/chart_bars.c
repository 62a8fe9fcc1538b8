/*
 * The bill: for each server the calls it made, stacked by kind, in shades of its
 * colour; under the bar, hatched, how many of them found nothing to do (EAGAIN).
 */
#include <math.h>

#include "../lib/text.h"
#include "chart.h"
#include "format.h"

enum { BARS_LEFT = 78, BARS_RIGHT = 312, BAR_MOST = 46, KINDS = 5 };

static const enum measure kinds[KINDS] = {
    WAITS_1000, INTEREST_1000, ACCEPTS_1000, READS_1000, WRITES_1000
};

static double point_of(const struct results *r, const struct panel *panel)
{
    double x[POINTS_MAX];

    return results_points(r, panel->experiment, panel->part, x) > 0 ? x[0] : 0;
}

static struct spread calls(const struct results *r, const struct panel *panel,
                           int server, enum measure kind)
{
    return results_spread(r, panel->experiment, panel->part, point_of(r, panel),
                          server, kind);
}

static double longest(const struct results *r, const struct panel *panel)
{
    struct panel either = *panel;
    double most = 0;

    for (either.part = 0; either.part < PARTS_MAX; either.part++)
        for (int s = 0; s < r->server_count; s++) {
            double sum = 0;

            for (int k = 0; k < KINDS; k++) {
                double v = calls(r, &either, s, kinds[k]).median;

                sum += isnan(v) ? 0 : v;
            }
            most = fmax(most, sum);
        }
    return most;
}

static void draw_piece(FILE *out, const struct results *r, const struct panel *panel,
                       int server, enum measure measure, const char *class, double from,
                       double to, double y, double height)
{
    struct spread v = calls(r, panel, server, measure);
    struct source source = { panel->experiment, panel->part, server,
                             point_of(r, panel), v.median, measure };
    char value[FORMAT_MAX];

    fprintf(out, "<path class=\"mark %s s%d\"", class, server);
    mark_attributes(out, r, &source);
    fprintf(out, " d=\"M%.1f %.1fH%.1fv%.1fH%.1fz\"><title>", from, y, to, height,
            from);
    html_text(out, r->servers[server].label);
    fprintf(out, ", %s: %s", measures[measure].name, format_spread(value, &v));
    fputs("</title></path>\n", out);
}

static void draw_bar(FILE *out, const struct results *r, const struct panel *panel,
                     int server, const struct axis *axis, double y)
{
    char class[20], value[FORMAT_MAX];
    double sum = 0;

    for (int k = 0; k < KINDS; k++) {
        double v = calls(r, panel, server, kinds[k]).median;

        if (isnan(v) || v <= 0)
            continue;
        snprintf(class, sizeof class, "piece k%d", k);
        draw_piece(out, r, panel, server, kinds[k], class, axis_at(axis, sum),
                   axis_at(axis, sum + v), y - 14, 13);
        sum += v;
    }
    fprintf(out, "<text class=\"n\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
            axis_at(axis, sum) + 5, y - 3,
            format_value(value, calls(r, panel, server, CALLS_1000).median));

    double again = calls(r, panel, server, AGAIN_1000).median;
    if (again > 0) {
        draw_piece(out, r, panel, server, AGAIN_1000, "again", BARS_LEFT,
                   axis_at(axis, again), y + 3, 4);
        if (again >= 1)
            fprintf(out, "<text class=\"n small\" x=\"%.1f\" y=\"%.1f\">%s would block"
                    "</text>\n", axis_at(axis, again) + 5, y + 9,
                    format_value(value, again));
    }
}

static void draw_key(FILE *out)
{
    double x = BARS_LEFT;

    for (int k = 0; k < KINDS; k++) {
        const char *name = measures[kinds[k]].name;
        double length = 0;

        while (name[(int)length] != '\0')
            length++;
        fprintf(out, "<path class=\"piece plain k%d\" d=\"M%.1f %dh9v9h-9z\"/>"
                "<text class=\"n\" x=\"%.1f\" y=\"%d\">%s</text>\n", k, x,
                PLOT_TOP - 7, x + 12, PLOT_TOP + 2, name);
        x += 20 + length * 6.4;
    }
}

void chart_bars(FILE *out, const struct results *r, const struct panel *panel)
{
    struct axis axis = { LINEAR, 0, longest(r, panel), BARS_LEFT, BARS_RIGHT };
    int top = PLOT_TOP + 12;
    double step = fmin(BAR_MOST, (double)(PLOT_BOTTOM - top) / r->server_count);

    axis_fit(&axis);
    draw_key(out);
    for (int s = 0; s < r->server_count; s++) {
        double y = top + step * (s + 0.5);

        fprintf(out, "<text class=\"name s%d\" x=\"0\" y=\"%.1f\">", s, y - 3);
        html_text(out, r->servers[s].label);
        fputs("</text>\n", out);
        if (isnan(calls(r, panel, s, CALLS_1000).median))
            fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%.1f\">keeps no ledger"
                    "</text>\n", BARS_LEFT, y - 3);
        else
            draw_bar(out, r, panel, s, &axis, y);
    }
    axis_draw_x(out, &axis, NULL, top + step * r->server_count + 4);
}
