/*
 * chart: the panels of the page as data, and the four ways of drawing one.
 */
#ifndef COMPARE_CHART_H
#define COMPARE_CHART_H

#include <stdio.h>

#include "plan.h"
#include "svg.h"

enum kind {
    LINES,      /* a measure over x: medians joined, the range as a band */
    ROWS,       /* a row for each server, a mark for each part */
    BARS,       /* a row for each server, the kinds of calls stacked */
    CURVES      /* latency over the share of requests that were at least as fast */
};

struct panel {
    const char *id;             /* "1a": of the experiment and its place */
    int experiment, part;
    enum kind kind;
    enum measure measure;       /* of curves: LAT_P50 from when due, LATS_P50 sent */
    enum scale x_scale, y_scale;
    double x_most;              /* show no x beyond; 0: all */
    const char *title, *unit;
};

enum { PANELS = 16 };
extern const struct panel panels[PANELS];

/* One SVG element. `alone`: a file of its own, with the style sheet in it. */
void chart_draw(FILE *out, const struct results *r, const struct panel *panel,
                bool alone);

/* Whether the results hold anything for the panel to show. */
bool chart_has_data(const struct results *r, const struct panel *panel);

/* The parts of chart_draw, one file each. */
void chart_lines(FILE *out, const struct results *r, const struct panel *panel);
void chart_rows(FILE *out, const struct results *r, const struct panel *panel);
void chart_bars(FILE *out, const struct results *r, const struct panel *panel);
void chart_curves(FILE *out, const struct results *r, const struct panel *panel);

#endif
