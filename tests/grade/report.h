/* report - the result, for people and for programs. */
#ifndef REPORT_H
#define REPORT_H

#include "options.h"

#include <stdio.h>

struct result {
    struct sheet sheets[STAGES][CHECKS_MOST];
    int counts[STAGES];    /* checks of each stage */
    char tail[KEEPER_TAIL]; /* what the server printed last, where it ended by itself */
    char notes[6][300];
    int note_count;
};

/* A stage as a whole. */
struct outcome {
    enum verdict verdict;  /* PASSED: full marks */
    int points, of;
    const char *causes[CHECKS_MOST]; /* each once */
    int cause_count;
};
struct outcome report_stage(const struct options *o, const struct result *r, int stage);

void report_text(FILE *out, const struct options *o, const struct result *r);
void report_brief(FILE *out, const struct options *o, const struct result *r);
void report_json(FILE *out, const struct options *o, const struct result *r);

/* 0 full marks, 1 less, 3 something not judged. */
int report_status(const struct options *o, const struct result *r);

#endif
