/* The command line of the grader. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "exam.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct options {
    const char *command;
    enum service service;
    bool brief;
    uint64_t seed;
    int only;           /* a stage from 1, or 0 for all */
    int points[STAGES]; /* what each stage gives */
    double patience;
    const char *json;   /* a file, "-" for stdout, or NULL */
    FILE *json_file;    /* open for writing, so that nothing runs in vain */
};

/* Ends the program after bad usage (2), -h and --hint (0). */
void options_parse(struct options *o, int argc, char *argv[]);

/* For a run that is broken off: removes the file of --json if it was made for this one. In a
 * signal handler, too. */
void options_undo(void);

#endif
