/*
 * What lets a request out, in each mode:
 *
 *   closed  a reply does, on the connection where it came
 *   open    its time does: request k is due at start + k / rate, on active
 *           connection k modulo their number; where `pipeline` replies are
 *           owed, it waits its turn, and that is the server's delay
 *   churn   a reply closes the connection and opens the next
 *
 * A connection that failed has no further part in it.
 */
#ifndef LOADGEN_PACE_H
#define LOADGEN_PACE_H

#include "loadgen_loop.h"

/* Lets every active connection begin; the schedule of open loop begins now. */
void pace_begin(struct loop *l);

/* Opens c, asks once, and puts it on the interest list, unless l->to_ask is 0. */
void pace_connect(struct loop *l, struct connection *c);

/* Takes n answered requests off c, notes what they took, and goes on. */
void pace_answered(struct loop *l, struct connection *c, unsigned n, uint64_t now);

/* Open loop: gives what is due by now, or a part of it, to its connections.
 * Returns how much. */
unsigned pace_launch(struct loop *l, uint64_t now);

/* Open loop: when request k is due, ns. */
uint64_t pace_due(const struct loop *l, uint64_t k);

/* Is what is due at time t measured? */
int pace_in_window(const struct loop *l, uint64_t t);

#endif
