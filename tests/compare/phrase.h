/* phrase: the parts of which sentences about results are made. */
#ifndef COMPARE_PHRASE_H
#define COMPARE_PHRASE_H

#include <stdio.h>

#include "results.h"

/* What goes between the items of a list: "a, b and c". */
void phrase_comma(FILE *out, int index, int count);

/* "select and poll" */
void phrase_names(FILE *out, const struct results *r, const int *servers, int count);

/* A text with its slots filled, at the largest x of each part:
 *
 *     {0 cpu_us}       a measure in a part: "select 3.10 µs, poll 3.00 µs and ..."
 *     {0~p99_us}       a latency, lowest to highest server: "38.1 µs to 45.0 µs"
 *     {most rate}      the largest field of that name
 *     {x}  {contest}   that x itself; the sentence of phrase_contest
 */
void phrase_fill(FILE *out, const struct results *r, int experiment, const char *text);

/* The largest x of a part; 0 when there is none. */
double largest_point(const struct results *r, int experiment, int part);

/* Less is no difference: 5 per cent, or 10 where only a few rounds can speak. */
double margin(const struct results *r);

/* Epoll's cheaper form against the cheapest of the others: of server CPU per request,
 * the ratios by round, and who they are. UNKNOWN when one side is missing. */
struct contest {
    enum verdict verdict;
    struct spread ratios;
    int epoll, rest;
};
struct contest epoll_contest(const struct results *r, int experiment, double x);

/* "epoll LT costs 1.12 [1.10-1.15] times what poll does" */
void phrase_contest(FILE *out, const struct results *r, const struct contest *c);

/* words_found.c: the findings of words.c. */
bool find_idle(FILE *out, const struct results *r, int experiment);
bool find_active(FILE *out, const struct results *r, int experiment);
bool find_half_load(FILE *out, const struct results *r, int experiment);
bool find_high_descriptor(FILE *out, const struct results *r, int experiment);
bool find_churn(FILE *out, const struct results *r, int experiment);
bool find_stall(FILE *out, const struct results *r, int experiment);
bool find_fairness(FILE *out, const struct results *r, int experiment);
void say_limits(FILE *out, const struct results *r);

#endif
