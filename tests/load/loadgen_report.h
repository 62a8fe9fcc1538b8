/*
 * What a run found, for humans and for programs. docs/loadgen.md lists the
 * keys of the JSON object.
 */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H

#include "loadgen_run.h"

void report_table(const struct options *o, const struct result *r, FILE *to);

void report_json(const struct options *o, const struct result *r, FILE *to);

/*
 * Few samples make no figure. A rate or a percentile is given from ten on, and a percentile
 * if at least one sample in fact lies above it: p99 from a hundred on.
 */
enum { FEW = 10 };

static inline int enough_for(const struct histogram *h, double share)
{
    return h->samples >= FEW && (double)h->samples * (1 - share) >= 1 - 1e-9;
}

#endif
