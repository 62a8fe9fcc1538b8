/* page - all scripts as one HTML file that needs nothing else. */
#ifndef PAGE_H
#define PAGE_H

#include <stdio.h>

#include "lane.h"
#include "scripts.h"

void page_begin(FILE *out);
void page_script(FILE *out, int number, const struct script_of_acts *s,
                 const struct lane lanes[LANES]);
void page_end(FILE *out);

#endif
