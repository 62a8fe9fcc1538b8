/* page: the report as one HTML file that needs nothing else. */
#ifndef COMPARE_PAGE_H
#define COMPARE_PAGE_H

#include "results.h"

/* 0; -1 with a line on stderr. */
int page_write(const struct results *r, const char *path);

/* Each chart as an SVG file of its own, DIRECTORY/chart-1a.svg and so on. */
int charts_write(const struct results *r, const char *directory);

#endif
