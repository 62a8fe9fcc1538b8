/* port - a port for a server that cannot let the kernel choose one.
 *
 * The server binds it itself, some time after we chose it, and may not set SO_REUSEADDR: we
 * cannot keep a socket bound meanwhile. Whoever starts it has to look whether another
 * program came between. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>

/* A port that was free at 127.0.0.1 a moment ago; -1 with errno. A connection that begins
 * meanwhile may get it. */
int port_any(void);

/* The same where that must not happen: the port lies outside the range from which the kernel
 * takes the ports of clients (ip_local_port_range), nothing uses it at any address of this
 * host, and no other caller of this function has it: each holds a name for its own until *held
 * is closed; *held may be -1. A program with a fixed port may still come between. */
int port_choose(int *held);

/* Can it be bound at every address now? */
bool port_is_free(int port);

#endif
