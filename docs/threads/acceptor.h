/* acceptor - the threads of accept_server that sleep in accept(2).
 *
 * The listener blocks: the kernel keeps the threads in a queue and wakes one for a client.
 * Each has a loop, for a ledger and the workspace, and no clients.  One that sleeps in
 * accept hears nothing else, so two things are done to it from outside: its figures are
 * copied after each client, for whoever wants to see them; and shutdown(2) of the listener
 * ends its sleep.
 *
 * A limit: accept(2) takes a descriptor first and sleeps then.  So each of these threads
 * holds one back, and one client gets in after the last descriptor seems to be taken.
 */
#ifndef MUXLAB_ACCEPTOR_H
#define MUXLAB_ACCEPTOR_H

#include "crew.h"

struct acceptors {
    struct crew   crew;
    struct crew  *net;      /* whom the clients are handed to */
    atomic_int    told;     /* the last error of accept that stderr was told of */
};

/* Make `count` of them, and let them run.  False as in crew.h. */
bool acceptors_open(struct acceptors *a, struct crew *net, unsigned count);
bool acceptors_start(struct acceptors *a);

/* Make the main thread's ledger the sum of theirs, as of their last clients. */
void acceptors_collect(struct acceptors *a, struct loop *main_loop);

/* Something is free: end their pauses. */
void acceptors_freed(struct acceptors *a);

/* End them, and wait for that.  The listener cannot be used any more, but is still open. */
void acceptors_stop(struct acceptors *a);

#endif
