/* rows - what was measured, as text: a row a second and server, the table at the end, JSON. */
#ifndef RACE_ROWS_H
#define RACE_ROWS_H

#include <stdio.h>

#include "lane.h"

/* The line above the rows. */
void rows_head(FILE *to);

/* A row for each server. */
void rows_second(FILE *to, const struct load *load, int second, const struct lane *lanes,
                 int count);

/* The same as JSON, piece by piece: a list of the names, then the rows, then the end. */
void rows_json_begin(FILE *to, const struct lane *lanes, int count);
void rows_json_second(FILE *to, const struct load *load, int second, const struct lane *lanes,
                      int count);
void rows_json_end(FILE *to);

/* What was measured under one load, as long as it lasted: a part of the table at the end. */
struct stage {
    struct load load;
    int seconds;
    int clients[SERVERS_MAX];
    struct tally tallies[SERVERS_MAX];
};
void rows_stage(FILE *to, const struct stage *s, const struct lane *lanes, int count);

#endif
