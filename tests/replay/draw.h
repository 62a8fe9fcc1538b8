/* draw - one lane at one moment, as HTML: what the client, the kernel and the program hold. */
#ifndef DRAW_H
#define DRAW_H

#include <stdio.h>

#include "lane.h"

/* `before` is what the lane showed a step ago: what is not the same is marked. */
void draw_lane(FILE *out, const struct lane *l, const struct moment *m,
               const struct moment *before, bool acts);

/* Where client A stands among the descriptors that are described: a bit of select's sets, an
 * entry of poll's array or of the interest list. */
int draw_place(const struct books *b);

#endif
