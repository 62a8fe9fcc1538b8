/* Lines of a measure over x: the medians joined, the range of the rounds as a band. */
#include <math.h>

#include "../lib/text.h"
#include "chart.h"
#include "format.h"

struct line {
    int n;
    double x[POINTS_MAX];
    struct spread y[POINTS_MAX];
};

static struct line line_of(const struct results *r, const struct panel *panel,
                           int server)
{
    struct line line = { 0 };
    double x[POINTS_MAX];
    int n = results_points(r, panel->experiment, panel->part, x);

    for (int i = 0; i < n; i++) {
        struct spread y = results_spread(r, panel->experiment, panel->part, x[i],
                                         server, panel->measure);

        if (y.n == 0 || (panel->x_most > 0 && x[i] > panel->x_most))
            continue;
        line.x[line.n] = x[i];
        line.y[line.n++] = y;
    }
    return line;
}

static void add_ranges(const struct results *r, const struct panel *panel,
                       struct axis *x, struct axis *y)
{
    for (int s = 0; s < r->server_count; s++) {
        struct line line = line_of(r, panel, s);

        for (int i = 0; i < line.n; i++) {
            x->low = fmin(x->low, line.x[i]);
            x->high = fmax(x->high, line.x[i]);
            y->low = fmin(y->low, line.y[i].min);
            y->high = fmax(y->high, line.y[i].max);
        }
    }
}

/* Experiments 2 and 3 share their axes: they are there to be compared. */
static void find_ranges(const struct results *r, const struct panel *panel,
                        struct axis *x, struct axis *y)
{
    struct panel other = *panel;

    add_ranges(r, panel, x, y);
    if (panel->experiment == ALL_ACTIVE || panel->experiment == HALF_LOAD) {
        other.experiment = ALL_ACTIVE + HALF_LOAD - panel->experiment;
        add_ranges(r, &other, x, y);
    }
    if (y->scale == LOG && y->low >= 0.5)
        y->low = fmax(y->low, 1);       /* 0.99 ready in a wait is 1 for the eye */
    axis_fit(x);
    axis_fit(y);
}

static void draw_band(FILE *out, const struct line *line, int server,
                      const struct axis *x, const struct axis *y)
{
    fprintf(out, "<path class=\"band s%d\" d=\"", server);
    for (int i = 0; i < line->n; i++)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', axis_at(x, line->x[i]),
                axis_at(y, line->y[i].max));
    for (int i = line->n - 1; i >= 0; i--)
        fprintf(out, "L%.1f %.1f", axis_at(x, line->x[i]), axis_at(y, line->y[i].min));
    fputs("z\"/>\n", out);
}

static void draw_line(FILE *out, const struct results *r, const struct panel *panel,
                      const struct line *line, int server, const struct axis *x,
                      const struct axis *y)
{
    const char *x_name = experiments[panel->experiment].x_name;
    char clients[FORMAT_MAX], value[FORMAT_MAX], text[320];

    draw_band(out, line, server, x, y);
    fprintf(out, "<path class=\"line s%d\" d=\"", server);
    for (int i = 0; i < line->n; i++)
        fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', axis_at(x, line->x[i]),
                axis_at(y, line->y[i].median));
    fputs("\"/>\n", out);
    for (int i = 0; i < line->n; i++) {
        struct source source = { panel->experiment, panel->part, server, line->x[i],
                                 line->y[i].median, panel->measure };

        snprintf(text, sizeof text, "%s, %s %s: %s %s", r->servers[server].label,
                 format_count(clients, line->x[i]), x_name,
                 format_spread(value, &line->y[i]), measures[panel->measure].unit);
        mark_draw(out, r, &source, axis_at(x, line->x[i]),
                  axis_at(y, line->y[i].median), false, text);
    }
}

/* A line that ends early has its name above it, clear of those that go on. */
static void name_early_line(FILE *out, const struct results *r, const struct line *line,
                            int server, const struct axis *x, const struct axis *y,
                            int nth)
{
    double at_x = axis_at(x, line->x[line->n - 1]);
    double at_y = axis_at(y, line->y[line->n - 1].median);
    double up = PLOT_TOP + 14 + 16 * nth;

    fprintf(out, "<path class=\"leader s%d\" d=\"M%.1f %.1fV%.1f\"/>", server, at_x,
            at_y - 6, up + 4);
    fprintf(out, "<text class=\"name s%d\" x=\"%.1f\" y=\"%.1f\">", server, at_x - 2,
            up);
    html_text(out, r->servers[server].label);
    fputs(" ends here</text>\n", out);
}

/* Names at the ends of the lines. */
static void name_lines(FILE *out, const struct results *r, const struct panel *panel,
                       const struct axis *x, const struct axis *y)
{
    struct line lines[SERVERS_MAX];
    struct label labels[SERVERS_MAX];
    int count = 0, early = 0;
    double furthest = 0;        /* where lines end that do not end early */

    for (int s = 0; s < r->server_count; s++) {
        lines[s] = line_of(r, panel, s);
        if (lines[s].n > 0)
            furthest = fmax(furthest, lines[s].x[lines[s].n - 1]);
    }
    for (int s = 0; s < r->server_count; s++) {
        int last = lines[s].n - 1;

        if (last >= 0 && lines[s].x[last] < furthest * 0.8) {
            name_early_line(out, r, &lines[s], s, x, y, early++);
        } else if (last >= 0) {
            struct label *l = &labels[count++];

            l->server = s;
            l->x = axis_at(x, lines[s].x[last]);
            l->y = axis_at(y, lines[s].y[last].median);
            snprintf(l->text, sizeof l->text, "%s", r->servers[s].label);
        }
    }
    labels_draw(out, labels, count, PLOT_TOP, PLOT_BOTTOM);
}

void chart_lines(FILE *out, const struct results *r, const struct panel *panel)
{
    struct axis x = { panel->x_scale, INFINITY, -INFINITY, PLOT_LEFT, PLOT_RIGHT };
    struct axis y = { panel->y_scale, INFINITY, -INFINITY, PLOT_BOTTOM, PLOT_TOP };

    find_ranges(r, panel, &x, &y);
    axis_draw_y(out, &y, false);
    axis_draw_x(out, &x, experiments[panel->experiment].x_name, PLOT_BOTTOM);
    for (int s = 0; s < r->server_count; s++) {
        struct line line = line_of(r, panel, s);

        if (line.n > 0)
            draw_line(out, r, panel, &line, s, &x, &y);
    }
    name_lines(out, r, panel, &x, &y);
}
