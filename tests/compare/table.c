#include "table.h"

#include <math.h>
#include <stdio.h>

#include "format.h"
#include "plan.h"

const struct table tables[] = {
    { IDLE_SLOPE, 0, true, "µs of server CPU per request, by idle clients", 1,
      { CPU_US } },
    { IDLE_SLOPE, 0, false, "Latency that 99 % of the requests stayed within, by idle "
      "clients", 1, { LAT_P99 } },
    { IDLE_SLOPE, 0, false, "Resident memory of the server in MiB, by idle clients", 1,
      { RSS_MIB } },
    { ALL_ACTIVE, 0, true, "µs of server CPU per request, by active clients", 1,
      { CPU_US } },
    { ALL_ACTIVE, 0, false, "Descriptors ready per wait, by active clients", 1,
      { EVENTS_PER_WAIT } },
    { ALL_ACTIVE, 0, false, "Requests per second, by active clients", 1,
      { REQUEST_RATE } },
    { HALF_LOAD, 0, true, "µs of server CPU per request, by active clients", 1,
      { CPU_US } },
    { HALF_LOAD, 0, false, "Descriptors ready per wait, by active clients", 1,
      { EVENTS_PER_WAIT } },
    { HALF_LOAD, 0, false, "Latency that 99 % of the requests stayed within, by active "
      "clients", 1, { LAT_P99 } },
    { HIGH_DESCRIPTOR, ALL_PARTS, true, "µs of server CPU per request", 1, { CPU_US } },
    { HIGH_DESCRIPTOR, ALL_PARTS, true, "Slots scanned per request", 1,
      { SCANNED_EACH } },
    { HIGH_DESCRIPTOR, ALL_PARTS, false, "Bytes copied to and from the kernel by "
      "waits, per request", 1, { KERNEL_BYTES_EACH } },
    { BILL, 0, true, "System calls for 1,000 requests, one client", 6,
      { WAITS_1000, INTEREST_1000, ACCEPTS_1000, READS_1000, WRITES_1000,
        AGAIN_1000 } },
    { BILL, 1, true, "System calls for 1,000 requests, 100 clients", 6,
      { WAITS_1000, INTEREST_1000, ACCEPTS_1000, READS_1000, WRITES_1000,
        AGAIN_1000 } },
    { CHURN, 0, true, "µs of server CPU per connection, by clients at a time", 1,
      { CPU_US } },
    { CHURN, 0, false, "Connections per second, by clients at a time", 1,
      { REQUEST_RATE } },
    { CHURN, 0, false, "System calls for 1,000 connections", 6,
      { WAITS_1000, INTEREST_1000, ACCEPTS_1000, READS_1000, WRITES_1000,
        AGAIN_1000 } },
    { STALL, 0, true, "Latency, counted from when a request was sent", 5,
      { LATS_P50, LATS_P90, LATS_P99, LATS_P999, LATS_MAX } },
    { STALL, 0, true, "Latency, counted from when a request was due", 5,
      { LAT_P50, LAT_P90, LAT_P99, LAT_P999, LAT_MAX } },
    { FAIRNESS, 0, true, "Latency of the pinger, alone", 5,
      { LAT_P50, LAT_P90, LAT_P99, LAT_P999, LAT_MAX } },
    { FAIRNESS, 1, true, "Latency of the pinger, beside the flooder", 5,
      { LAT_P50, LAT_P90, LAT_P99, LAT_P999, LAT_MAX } },
};
const int table_count = sizeof tables / sizeof tables[0];

static int add_points(const struct results *r, const struct table *table, int part,
                      struct table_row *rows)
{
    double x[POINTS_MAX];
    int n = results_points(r, table->experiment, part, x);
    const struct experiment *e = &experiments[table->experiment];

    for (int i = 0; i < n; i++) {
        rows[i].part = part;
        rows[i].x = x[i];
        rows[i].measure = table->measure[0];
        if (e->parts[0] != NULL)
            snprintf(rows[i].head, sizeof rows[i].head, "%s", e->parts[part]);
        else
            format_count(rows[i].head, x[i]);
    }
    return n;
}

int table_rows(const struct results *r, const struct table *table,
               struct table_row rows[ROWS_MAX])
{
    int n = 0;

    if (table->part == ALL_PARTS) {
        for (int part = 0; part < PARTS_MAX; part++)
            n += add_points(r, table, part, rows + n);
        return n;
    }
    n = add_points(r, table, table->part, rows);
    if (n == 0 || table->measure_count == 1)
        return n;
    for (int m = 0; m < table->measure_count; m++) {
        const struct measure_text *text = &measures[table->measure[m]];

        rows[m].part = table->part;
        rows[m].x = rows[0].x;
        rows[m].measure = table->measure[m];
        snprintf(rows[m].head, sizeof rows[m].head, "%s", text->name);
    }
    return table->measure_count;
}

struct spread table_cell(const struct results *r, const struct table *table,
                         const struct table_row *row, int server)
{
    return results_spread(r, table->experiment, row->part, row->x, server,
                          row->measure);
}

const char *table_gap(const struct results *r, const struct table *table,
                      const struct table_row *row, int server)
{
    const char *gap = "-";

    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->experiment != table->experiment || s->server != server)
            continue;
        if (s->outcome == FULL && row->x >= s->x)
            return "full";
        if (s->part != row->part || s->x != row->x)
            continue;
        if (s->outcome == FAULTY)
            return "faulty";
        if (s->outcome == FINE && isnan(s->field[L_REQUESTS]))
            gap = "no ledger";
    }
    return gap;
}
