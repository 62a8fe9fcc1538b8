/* causes - the names of what goes wrong, and what to say of each.
 *
 * docs/labs/causes.md explains them; a test holds the two lists together. */
#ifndef CAUSES_H
#define CAUSES_H

#include <stdbool.h>

struct cause {
    const char *name;
    const char *lesson; /* one sentence on the reason */
    const char *next;   /* one thing to try */
};

/* Ends with a NULL name. */
extern const struct cause causes[];

/* In chat some of them are told in its own words. */
const struct cause *cause_find(const char *name, bool chat);

/* A question, an experiment, and what to read, for a stage from 1. */
struct hint {
    const char *question, *experiment, *read;
};
const struct hint *hint_find(int stage, bool chat);

#endif
