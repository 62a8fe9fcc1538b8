/*
 * table: which figures are shown as numbers, for the page and for the terminal alike.
 * A table has a column for each server; its rows are the points of one measure, the
 * parts of an experiment, or several measures of one point.
 */
#ifndef COMPARE_TABLE_H
#define COMPARE_TABLE_H

#include "format.h"
#include "results.h"

enum { ROWS_MAX = POINTS_MAX, ROW_MEASURES = 6, ALL_PARTS = -1 };

struct table {
    int experiment, part;       /* ALL_PARTS: a row each */
    bool in_terminal;           /* the page shows every table */
    const char *caption;
    int measure_count;
    enum measure measure[ROW_MEASURES];
};

extern const struct table tables[];
extern const int table_count;

struct table_row {
    char head[FORMAT_MAX];
    int part;
    double x;
    enum measure measure;
};

/* Fills in the rows that the results have; their number. */
int table_rows(const struct results *r, const struct table *table,
               struct table_row rows[ROWS_MAX]);

/* The figure of a row in a server's column. */
struct spread table_cell(const struct results *r, const struct table *table,
                         const struct table_row *row, int server);

/* Why there is no figure: "full", "no ledger", "faulty", "-". */
const char *table_gap(const struct results *r, const struct table *table,
                      const struct table_row *row, int server);

#endif
