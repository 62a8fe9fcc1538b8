/*
 * svg: what every chart is made of: scales, axes, marks and labels.
 *
 * Colours are not written here: an element has the class s0, s1, ... of its server,
 * and chart.css says what that looks like in the light and in the dark. So that
 * nobody needs colours, each server has a shape of its own too.
 */
#ifndef COMPARE_SVG_H
#define COMPARE_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "results.h"

/* A chart's own units; the page shows them at about one to a pixel. */
enum { CHART_WIDTH = 360, CHART_HEIGHT = 288, PLOT_TOP = 54, PLOT_BOTTOM = 244,
       PLOT_LEFT = 50, PLOT_RIGHT = 292 };

enum scale { LINEAR, LOG, NINES };      /* nines: 0, 0.9, 0.99, 0.999 equally apart */

struct axis {
    enum scale scale;
    double low, high;           /* values */
    double from, to;            /* where they lie in the chart */
};

enum { TICKS_MAX = 16 };

/* The axis widened to round numbers around what it has to show. A linear one begins
 * at 0: lengths can then be compared. */
void axis_fit(struct axis *a);
double axis_at(const struct axis *a, double value);
int axis_ticks(const struct axis *a, double ticks[TICKS_MAX]);

/* Ticks with hairlines across the plot, and a name under the x axis (NULL:
 * the unit above says it). */
void axis_draw_x(FILE *out, const struct axis *a, const char *name, double bottom);
void axis_draw_y(FILE *out, const struct axis *a, bool latency);

/* Where a mark comes from: the page's check compares it with results.json. */
struct source {
    int experiment, part, server;
    double x, value;
    enum measure measure;
};

/* The shape of a server around (x, y), with `text` for those who point at it. */
void mark_draw(FILE *out, const struct results *r, const struct source *source,
               double x, double y, bool hollow, const char *text);
/* The attributes alone, for marks of another shape. */
void mark_attributes(FILE *out, const struct results *r, const struct source *source);
/* The shape alone, for keys. */
void shape_draw(FILE *out, int server, double x, double y);

struct label {
    int server;
    double x, y;                /* the end of the line that it names */
    double at;                  /* where it is put: set by labels_place */
    char text[64];
};

/* Moves labels up and down until none covers another, and draws them with a thin
 * leader where they had to move. */
void labels_draw(FILE *out, struct label *labels, int count, double top,
                 double bottom);

#endif
