/* Lines of a measure over x: the medians joined, the range of the rounds as a band. */
#include <math.h>

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

static void find_ranges(const struct results *r, const struct panel *panel,
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
                 format_value(clients, line->x[i]), x_name,
                 format_spread(value, &line->y[i]), measures[panel->measure].unit);
        mark_draw(out, r, &source, axis_at(x, line->x[i]),
                  axis_at(y, line->y[i].median), false, text);
    }
}

/* The name at the line's end; of a line that ends early above it, with the reason. */
static void name_line(FILE *out, const struct results *r, const struct line *line,
                      int server, const struct axis *x, const struct axis *y,
                      int early)
{
    double at_x = axis_at(x, line->x[line->n - 1]);
    double at_y = axis_at(y, line->y[line->n - 1].median);
    double up = fmax(PLOT_TOP + 10, at_y - 30 - 16 * early);

    fprintf(out, "<path class=\"leader s%d\" d=\"M%.1f %.1fV%.1f\"/>", server, at_x,
            at_y - 6, up + 2);
    fprintf(out, "<text class=\"name s%d\" x=\"%.1f\" y=\"%.1f\">", server, at_x - 2,
            up - 3);
    html_text(out, r->servers[server].label);
    fputs(" ends here</text>\n", out);
}

void chart_lines(FILE *out, const struct results *r, const struct panel *panel)
{
    struct axis x = { panel->x_scale, INFINITY, -INFINITY, PLOT_LEFT, PLOT_RIGHT };
    struct axis y = { panel->y_scale, INFINITY, -INFINITY, PLOT_BOTTOM, PLOT_TOP };
    struct label labels[SERVERS_MAX];
    int label_count = 0, early = 0;

    find_ranges(r, panel, &x, &y);
    double furthest = 0;
    for (int s = 0; s < r->server_count; s++) {
        struct line line = line_of(r, panel, s);

        if (line.n > 0)
            furthest = fmax(furthest, line.x[line.n - 1]);
    }
    axis_draw_y(out, &y, false);
    axis_draw_x(out, &x, experiments[panel->experiment].x_name, PLOT_BOTTOM);
    for (int s = 0; s < r->server_count; s++) {
        struct line line = line_of(r, panel, s);

        if (line.n == 0)
            continue;
        draw_line(out, r, panel, &line, s, &x, &y);
        if (line.x[line.n - 1] < furthest * 0.8) {
            name_line(out, r, &line, s, &x, &y, early++);
            continue;
        }
        struct label *l = &labels[label_count++];
        l->server = s;
        l->x = axis_at(&x, line.x[line.n - 1]);
        l->y = axis_at(&y, line.y[line.n - 1].median);
        snprintf(l->text, sizeof l->text, "%s", r->servers[s].label);
    }
    labels_draw(out, labels, label_count, PLOT_TOP, PLOT_BOTTOM);
}
