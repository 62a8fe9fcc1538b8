/* port - a port for a server that is judged.
 *
 * The server binds it itself, some time after we chose it, and may not set SO_REUSEADDR: we
 * cannot keep a socket bound meanwhile. So the port lies outside the range from which the
 * kernel takes the ports of clients (ip_local_port_range), nothing uses it at any address of
 * this host, and no other grader of this host has chosen it: each holds a name for its own.
 * A program with a fixed port may still come between; subject.c looks at that. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>

/* A port that nobody uses, or 0 with errno. It is held, against other graders only, until
 * *held is closed; *held may be -1. */
int port_choose(int *held);

/* Can it be bound at every address now? */
bool port_is_free(int port);

#endif
