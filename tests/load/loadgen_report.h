/*
 * What a run found, for humans and for programs. docs/loadgen.md lists the
 * keys of the JSON object.
 */
#ifndef LOADGEN_REPORT_H
#define LOADGEN_REPORT_H

#include "loadgen_run.h"

void report_table(const struct options *o, const struct result *r, FILE *to);

void report_json(const struct options *o, const struct result *r, FILE *to);

#endif
