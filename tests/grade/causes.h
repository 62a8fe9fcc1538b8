/* causes - the names of what goes wrong, and what to say of each.
 *
 * docs/labs/causes.md explains them; a test holds the two lists together. */
#ifndef CAUSES_H
#define CAUSES_H

#include "exam.h"

struct cause {
    const char *name;
    const char *lesson; /* one sentence on the reason */
    const char *next;   /* one thing to try */
};

/* Ends with a NULL name. */
extern const struct cause causes[];

/* What to say of a cause: in chat and in echo some have words of their own, and so have
 * those of which more was seen. `nuance` says what (causes.c, or NULL); it counts only where
 * that cause has it. */
const struct cause *cause_find(const char *name, const char *nuance, enum service service);

/* A question, an experiment, and what to read, for a stage from 1. */
struct hint {
    const char *question, *experiment, *read;
};
const struct hint *hint_find(int stage, enum service service);

#endif
