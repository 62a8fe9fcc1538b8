/* picture - the two most telling moments, as one SVG for docs/comparison.md. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdio.h>

#include "lane.h"

void picture_begin(FILE *out);

/* Draws the script's moment, if it is one of the two. */
void picture_script(FILE *out, const char *script, const struct lane lanes[LANES]);

void picture_end(FILE *out);

#endif
