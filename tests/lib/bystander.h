/* bystander - a second client, which asks and checks sums while a test does its worst.
 *
 *     struct bystander b;
 *     bystander_start(&b, &s);
 *     ... the worst ...
 *     bystander_expect_well(&b, 20);
 *
 * It is a forked child with one connection of its own, which asks about every two
 * milliseconds, a different sum each time. */
#ifndef BYSTANDER_H
#define BYSTANDER_H

#include "launch.h"

struct bystander {
    pid_t pid;
    int control; /* takes how many sums it shall have asked when it ends */
    int report;
};

/* Returns once the first sum was answered: it is accepted and served. */
void bystander_start(struct bystander *b, const struct server *s);

/* Waits until `asked` sums in all were asked, then ends it and fails the test unless
 * every reply was right and none took longer than BYSTANDER_PATIENCE: not a promise of
 * the servers, but a guard against one that stands still. */
#define BYSTANDER_PATIENCE 2.0
void bystander_expect_well(struct bystander *b, long asked);

#endif
