#include "chart.h"

#include <math.h>
#include <stdio.h>

#include "../lib/text.h"
#include "format.h"

extern const char *const asset_chart_css[];

const struct panel panels[PANELS] = {
    { "1a", IDLE_SLOPE, 0, LINES, CPU_US, LINEAR, LINEAR, 1024,
      "Up to about FD_SETSIZE", "µs of server CPU per request" },
    { "1b", IDLE_SLOPE, 0, LINES, CPU_US, LINEAR, LINEAR, 0,
      "As far as this machine goes", "µs of server CPU per request" },
    { "2a", ALL_ACTIVE, 0, LINES, CPU_US, LOG, LINEAR, 0,
      "All at once: what a request costs", "µs of server CPU per request" },
    { "2b", ALL_ACTIVE, 0, LINES, EVENTS_PER_WAIT, LOG, LOG, 0,
      "All at once: what a wait brings", "ready descriptors per wait" },
    { "3a", HALF_LOAD, 0, LINES, CPU_US, LOG, LINEAR, 0,
      "At half load: what a request costs", "µs of server CPU per request" },
    { "3b", HALF_LOAD, 0, LINES, EVENTS_PER_WAIT, LOG, LOG, 0,
      "At half load: what a wait brings", "ready descriptors per wait" },
    { "4a", HIGH_DESCRIPTOR, 0, ROWS, CPU_US, LINEAR, LINEAR, 0,
      "What a request costs", "µs of server CPU per request" },
    { "4b", HIGH_DESCRIPTOR, 0, ROWS, SCANNED_EACH, LINEAR, LINEAR, 0,
      "What the server looks through", "slots scanned per request" },
    { "5a", BILL, 0, BARS, CALLS_1000, LINEAR, LINEAR, 0,
      "One client", "system calls for 1,000 requests" },
    { "5b", BILL, 1, BARS, CALLS_1000, LINEAR, LINEAR, 0,
      "100 clients, all active", "system calls for 1,000 requests" },
    { "6a", CHURN, 0, ROWS, CPU_US, LINEAR, LINEAR, 0,
      "What a connection costs", "µs of server CPU per connection" },
    { "6b", CHURN, 0, BARS, CALLS_1000, LINEAR, LINEAR, 0,
      "What it is made of", "system calls for 1,000 connections" },
    { "7a", STALL, 0, CURVES, LATS_P50, NINES, LOG, 0,
      "Counted from when it was sent", "latency that so many stayed within" },
    { "7b", STALL, 0, CURVES, LAT_P50, NINES, LOG, 0,
      "Counted from when it was due", "latency that so many stayed within" },
    { "8a", FAIRNESS, 0, CURVES, LAT_P50, NINES, LOG, 0,
      "The pinger alone", "latency that so many stayed within" },
    { "8b", FAIRNESS, 1, CURVES, LAT_P50, NINES, LOG, 0,
      "Beside a flooder", "latency that so many stayed within" },
};

bool chart_has_data(const struct results *r, const struct panel *panel)
{
    double x[POINTS_MAX];
    int n = results_points(r, panel->experiment, panel->part, x);

    for (int i = 0; i < n; i++)
        for (int s = 0; s < r->server_count; s++)
            if (results_spread(r, panel->experiment, panel->part, x[i], s,
                               panel->measure).n > 0)
                return true;
    return false;
}

void chart_draw(FILE *out, const struct results *r, const struct panel *panel,
                bool alone)
{
    int edge = alone ? 14 : 0;

    fprintf(out, "<svg class=\"chart\" id=\"chart-%s\" viewBox=\"%d %d %d %d\" "
            "role=\"img\" aria-labelledby=\"title-%s unit-%s about-%s\"", panel->id,
            -edge, -edge, CHART_WIDTH + 2 * edge, CHART_HEIGHT + 2 * edge, panel->id,
            panel->id, panel->id);
    if (alone) {
        fputs(" xmlns=\"http://www.w3.org/2000/svg\" width=\"485\">\n<style>\n", out);
        asset_write(out, asset_chart_css);
        fprintf(out, "</style>\n<rect class=\"paper\" x=\"-14\" y=\"-14\" "
                "width=\"100%%\" height=\"100%%\"/>\n");
    } else {
        fputs(">\n", out);
    }
    fprintf(out, "<desc id=\"about-%s\">Medians with the range of the rounds. All "
            "values are in the tables of experiment %d.</desc>\n", panel->id,
            panel->experiment);
    fprintf(out, "<text class=\"title\" id=\"title-%s\" x=\"0\" y=\"15\">", panel->id);
    html_text(out, panel->title);
    fprintf(out, "</text>\n<text class=\"unit\" id=\"unit-%s\" x=\"0\" y=\"33\">",
            panel->id);
    html_text(out, panel->unit);
    fputs(panel->y_scale == LOG ? " (logarithmic)</text>\n" : "</text>\n", out);
    if (!chart_has_data(r, panel)) {
        fprintf(out, "<text class=\"unit\" x=\"%d\" y=\"%d\">No figures: none of the "
                "servers keeps a ledger.</text>\n", 0, PLOT_TOP + 20);
    } else {
        switch (panel->kind) {
        case LINES: chart_lines(out, r, panel); break;
        case ROWS: chart_rows(out, r, panel); break;
        case BARS: chart_bars(out, r, panel); break;
        case CURVES: chart_curves(out, r, panel); break;
        }
    }
    fputs("</svg>\n", out);
}
