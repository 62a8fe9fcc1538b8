/*
 * One run, phase by phase: open all connections and ask once on each, load for
 * the warm-up, measure, let what is under way come home.
 */
#ifndef LOADGEN_RUN_H
#define LOADGEN_RUN_H

#include "loadgen_loop.h"

/*
 * Returns 0 with *r filled (from zero), however many errors it counts, or -1
 * with a line on stderr when the system did not give what the run needs.
 * SIGINT and SIGTERM end it early, with what was found so far; a second one
 * kills, as usual.
 */
int run_load(const struct options *o, const struct exchange *x, struct result *r);

#endif
