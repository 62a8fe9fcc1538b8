/*
 * words: what the figures say, in sentences made from them. Where an effect does not
 * show, or goes the other way, the sentence says that instead.
 */
#ifndef COMPARE_WORDS_H
#define COMPARE_WORDS_H

#include <stdio.h>

#include "results.h"

/* What an experiment found, in one sentence; and what else there is to say of it.
 * Plain text without a newline. */
void words_headline(FILE *out, const struct results *r, int experiment);
void words_details(FILE *out, const struct results *r, int experiment);

/* One server's faults: "liar: 412 replies wrong, ... (experiment 2 ...)". */
void words_fault(FILE *out, const struct results *r, int server);
bool words_has_fault(const struct results *r, int server);

/* Whether there is any figure of a server; that it was full is one. */
bool words_was_measured(const struct results *r, int server);

/* What stands between these figures and the truth: other programs that ran, runs that
 * could not be made, rates that were not kept. May be empty. */
void words_doubts(FILE *out, const struct results *r, int unused);

/* What one of these writes, as a string that the caller frees. */
typedef void words_say(FILE *out, const struct results *r, int which);
char *words_text(const struct results *r, int which, words_say *say);

#endif
