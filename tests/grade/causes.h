/* causes - the names of what goes wrong, and what to say of each.
 *
 * docs/labs/causes.md explains them; a test holds the two lists together. */
#ifndef CAUSES_H
#define CAUSES_H

struct cause {
    const char *name;
    const char *lesson; /* one sentence on the reason */
    const char *next;   /* one thing to try */
};

/* Ends with a NULL name. */
extern const struct cause causes[];
const struct cause *cause_find(const char *name);

/* A question, an experiment, and what to read, for each stage. */
struct hint {
    const char *question, *experiment, *read;
};
extern const struct hint hints[];

#endif
