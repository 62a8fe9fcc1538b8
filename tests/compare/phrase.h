/* phrase: the parts of which sentences about results are made. */
#ifndef COMPARE_PHRASE_H
#define COMPARE_PHRASE_H

#include <stdio.h>

#include "results.h"

/* What goes between the items of a list: "a, b and c". */
void phrase_comma(FILE *out, int index, int count);

/* "select and poll" */
void phrase_names(FILE *out, const struct results *r, const int *servers, int count);

/* "select 3.10 µs, poll 3.00 µs and ..."; "not known" when no server has the figure. */
void phrase_measures(FILE *out, const struct results *r, int experiment, int part,
                     double x, enum measure m);

/* From the lowest server's median to the highest's: "38.1 µs to 45.0 µs". */
void phrase_latency_range(FILE *out, const struct results *r, int experiment, int part,
                          double x, enum measure m);

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

/* words_waiting.c: experiments 1 to 4; words_calls.c: 5 to 8. */
void idle_headline(FILE *out, const struct results *r);
void idle_details(FILE *out, const struct results *r);
void active_headline(FILE *out, const struct results *r);
void active_details(FILE *out, const struct results *r);
void half_load_headline(FILE *out, const struct results *r);
void half_load_details(FILE *out, const struct results *r);
void high_descriptor_headline(FILE *out, const struct results *r);
void high_descriptor_details(FILE *out, const struct results *r);
void bill_headline(FILE *out, const struct results *r);
void bill_details(FILE *out, const struct results *r);
void churn_headline(FILE *out, const struct results *r);
void churn_details(FILE *out, const struct results *r);
void stall_headline(FILE *out, const struct results *r);
void stall_details(FILE *out, const struct results *r);
void fairness_headline(FILE *out, const struct results *r);
void fairness_details(FILE *out, const struct results *r);

#endif
