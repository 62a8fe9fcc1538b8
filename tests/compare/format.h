/*
 * format: numbers and texts for people. Buffers are the caller's; every function
 * returns the buffer it was given.
 */
#ifndef COMPARE_FORMAT_H
#define COMPARE_FORMAT_H

#include <stdio.h>

#include "stats.h"

enum { FORMAT_MAX = 80 };

/* Three significant digits, thousands parted by commas: 0.127, 5.12, 48.3, 1,240; "-"
 * when unknown. */
char *format_value(char out[FORMAT_MAX], double value);

/* A whole number: 7, 1,240. */
char *format_count(char out[FORMAT_MAX], double value);

/* "5.12 [4.98-5.31]" with an en dash; the median alone when there was one round. */
char *format_spread(char out[FORMAT_MAX], const struct spread *s);

/* "4.98-5.31" with an en dash. */
char *format_range(char out[FORMAT_MAX], const struct spread *s);

/* A latency in its own unit: "38 µs", "4.1 ms", "1.2 s". */
char *format_latency(char out[FORMAT_MAX], double us);

/* The range in the unit that format_latency chose for the median. */
char *format_latency_range(char out[FORMAT_MAX], const struct spread *s);

#endif
