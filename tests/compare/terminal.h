/* terminal: the results as text, 80 columns wide for four servers. */
#ifndef COMPARE_TERMINAL_H
#define COMPARE_TERMINAL_H

#include <stdio.h>

#include "results.h"

void terminal_report(FILE *out, const struct results *r);

#endif
