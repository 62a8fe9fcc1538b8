/* life - what the fuzz target of connections asks of a server.
 *
 * Its own loop cannot be used, since it waits; but everything else can.  Each of the
 * four adapters includes its server's source, the one way to reach static functions,
 * and answers these with them.
 */
#ifndef LIFE_H
#define LIFE_H

#include "../../common/conn.h"

/* A server that was never used. */
struct loop *life_server(void);

/* As accept_clients does. */
void life_watch(struct conn *c);

/* What the kernel was told to watch for; both, if it is edge-triggered. */
void life_told(const struct conn *c, bool *read, bool *write);

/* Edge-triggered: these bits of epoll(7) are reported. */
bool life_edges(struct conn *c, uint32_t events);

/* One turn of the loop, if the kernel has (level-triggered) or had (edge) something to
 * report of the client; false if not. */
bool life_turn(struct conn *c, bool readable, bool writable, bool broken);

void life_expire(void);
void life_stop(void);

#endif
