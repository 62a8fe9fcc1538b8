/* clients - those of one lane: they connect, ask, check each reply, and hang up. */
#ifndef RACE_CLIENTS_H
#define RACE_CLIENTS_H

#include "lane.h"

/* Make room for `most`. */
void clients_open(struct lane *l, int most);

/* Connect or hang up until there are `want`, each answered once; or the server refuses one. */
void clients_fit(struct lane *l, int want);

/* The active ones ask, and again for each reply, for some seconds; returns when all replies
 * are there.  False: replies are missing, or the lane is out. */
bool clients_turn(struct lane *l, const struct load *load, double seconds);

void clients_close(struct lane *l);

#endif
