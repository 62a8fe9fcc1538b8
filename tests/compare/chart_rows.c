/*
 * A row for each server, and in it a mark for each part of the experiment: hollow for
 * the first of two, filled for the second (or the only one), whiskers for the range.
 */
#include <math.h>

#include "../lib/text.h"
#include "chart.h"
#include "format.h"

enum { ROWS_LEFT = 78, ROWS_RIGHT = 336, ROW_MOST = 46 };

struct row_axis {
    struct axis x;
    double top, step, bottom;
};

static int parts_of(const struct panel *panel)
{
    return experiments[panel->experiment].parts[0] == NULL ? 1 : 2;
}

/* A part's only point. */
static double point_of(const struct results *r, int experiment, int part)
{
    double x[POINTS_MAX];

    return results_points(r, experiment, part, x) > 0 ? x[0] : 0;
}

static struct spread value_of(const struct results *r, const struct panel *panel,
                              int part, int server)
{
    double x = point_of(r, panel->experiment, part);

    return results_spread(r, panel->experiment, part, x, server, panel->measure);
}

static void draw_value(FILE *out, const struct results *r, const struct panel *panel,
                       int part, int server, const struct axis *axis, double y)
{
    const struct experiment *e = &experiments[panel->experiment];
    struct spread v = value_of(r, panel, part, server);
    struct source source = { panel->experiment, part, server,
                             point_of(r, panel->experiment, part), v.median,
                             panel->measure };
    bool hollow = parts_of(panel) == 2 && part == 0;
    char value[FORMAT_MAX], text[320];

    if (v.n == 0)
        return;
    double x = axis_at(axis, v.median);
    fprintf(out, "<path class=\"whisker s%d\" d=\"M%.1f %.1fH%.1f\"/>", server,
            axis_at(axis, v.min), y, axis_at(axis, v.max));
    snprintf(text, sizeof text, "%s%s%s: %s %s", r->servers[server].label,
             e->parts[part] != NULL ? ", " : "",
             e->parts[part] != NULL ? e->parts[part] : "", format_spread(value, &v),
             measures[panel->measure].unit);
    mark_draw(out, r, &source, x, y, hollow, text);
    struct spread other = value_of(r, panel, 1, server);
    if (hollow && fabs(axis_at(axis, other.median) - x) < 8)
        return;                 /* one number is enough where the marks coincide */
    fprintf(out, "<text class=\"n\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s"
            "</text>\n", x, hollow ? y + 19 : y - 9, format_value(value, v.median));
}

/* What hollow and filled mean, under the unit. */
static void draw_key(FILE *out, const struct panel *panel)
{
    const struct experiment *e = &experiments[panel->experiment];

    fputs("<path class=\"mark hollow plain\" d=\"", out);
    shape_draw(out, 0, ROWS_LEFT, PLOT_TOP - 2);
    fprintf(out, "\"/><text class=\"n\" x=\"%d\" y=\"%d\">", ROWS_LEFT + 9,
            PLOT_TOP + 2);
    html_text(out, e->parts[0]);
    fputs("</text><path class=\"mark plain\" d=\"", out);
    shape_draw(out, 0, ROWS_LEFT + 84, PLOT_TOP - 2);
    fprintf(out, "\"/><text class=\"n\" x=\"%d\" y=\"%d\">", ROWS_LEFT + 93,
            PLOT_TOP + 2);
    html_text(out, e->parts[1]);
    fputs("</text>\n", out);
}

void chart_rows(FILE *out, const struct results *r, const struct panel *panel)
{
    struct axis axis = { LINEAR, 0, 0, ROWS_LEFT, ROWS_RIGHT };
    int parts = parts_of(panel), top = parts == 2 ? PLOT_TOP + 12 : PLOT_TOP - 6;
    double step = fmin(ROW_MOST, (double)(PLOT_BOTTOM - top) / r->server_count);
    double bottom = top + step * r->server_count + 4;

    for (int s = 0; s < r->server_count; s++)
        for (int part = 0; part < parts; part++)
            axis.high = fmax(axis.high, value_of(r, panel, part, s).max);
    axis_fit(&axis);
    if (parts == 2)
        draw_key(out, panel);
    for (int s = 0; s < r->server_count; s++) {
        double y = top + step * (s + 0.5);
        struct spread first = value_of(r, panel, 0, s);
        struct spread last = value_of(r, panel, parts - 1, s);

        fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"name s%d\" "
                "x=\"0\" y=\"%.1f\">", ROWS_LEFT, y, ROWS_RIGHT, s, y + 4);
        html_text(out, r->servers[s].label);
        fputs("</text>\n", out);
        if (first.n == 0 && last.n == 0)
            fprintf(out, "<text class=\"n\" x=\"%d\" y=\"%.1f\">no figures</text>\n",
                    ROWS_LEFT + 8, y - 5);
        else if (first.n > 0 && last.n > 0)
            fprintf(out, "<path class=\"join s%d\" d=\"M%.1f %.1fH%.1f\"/>", s,
                    axis_at(&axis, first.median), y, axis_at(&axis, last.median));
        for (int part = 0; part < parts; part++)
            draw_value(out, r, panel, part, s, &axis, y);
    }
    axis_draw_x(out, &axis, NULL, bottom);
}
