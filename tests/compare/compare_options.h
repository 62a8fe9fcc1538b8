/* compare_options: the command line of compare. */
#ifndef COMPARE_OPTIONS_H
#define COMPARE_OPTIONS_H

#include <stdbool.h>

#include "results.h"

struct compare_options {
    unsigned wanted;            /* experiments, bit N for number N */
    bool quick, quiet;
    int rounds;                 /* 0: the usual number */
    long seed;
    const char *out;            /* folder of the report */
    const char *charts;         /* folder of single charts, or NULL */
    const char *render;         /* saved results to show, not to measure; or NULL */
};

/* Fills in the options, and the servers to measure into the results. Ends the program:
 * -h with 0, a usage error with 2. `folder` is where the servers are. */
void compare_options_parse(struct compare_options *o, struct results *r, int argc,
                           char **argv, const char *folder);

#endif
