/* steps - the moments of four lanes, side by side: what happens at the same time is a step. */
#ifndef STEPS_H
#define STEPS_H

#include "lane.h"

enum { STEPS = 80 };

struct step {
    enum moment_kind kind;
    int moment[LANES];      /* what each lane shows */
    bool acts[LANES];       /* that is new */
    bool telling;           /* it belongs into a comic */
};

/* Puts the moments in step; returns how many steps. */
int steps_of(const struct lane lanes[LANES], struct step steps[STEPS]);

/* What happens in it, of all lanes in one sentence. */
void step_headline(const struct step *s, const struct lane lanes[LANES], char to[SAID]);

#endif
