/* net - sockets by name: listen on a host and port, accept one client, name an end. */
#ifndef MUXLAB_NET_H
#define MUXLAB_NET_H

#include <sys/socket.h>

#include "ledger.h"

enum { NET_NAME_MAX = 64 };     /* "[addr%scope]:65535" and NUL fit */

/* A non-blocking, close-on-exec listening socket on the first address that the host name
 * has, or -1: then *reason says why.  rcvbuf and sndbuf, unless 0, set SO_RCVBUF and
 * SO_SNDBUF of the clients to come: on Linux an accepted socket inherits them from
 * its listener, and TCP_NODELAY with them (tcp(7)), which spares each client the call.
 * Blocks if the name must be looked up. */
int net_listen(const char *host, const char *port, int rcvbuf, int sndbuf,
               const char **reason);

enum net_accept {
    NET_CLIENT,      /* *fd is a client: non-blocking, close-on-exec, the caller's to close */
    NET_EMPTY,       /* the backlog is empty (EAGAIN) */
    NET_GONE,        /* *fd is -1: this client has gone already, or a signal came; try again */
    NET_FAILED       /* errno: no descriptor or memory, so the client stays in the backlog; or
                        an error of ours that lasts.  To try again at once would spin. */
};

/* One accept4(2), counted.  Linux also reports errors of the network as errors of accept.
 * They concern one client only. */
enum net_accept net_accept(int listener, int *fd, struct ledger *ledger);

/* Write the numeric name of one end of a socket, "127.0.0.1:8081" or "[::1]:8081", into
 * NET_NAME_MAX bytes.  `ask` is getsockname for our end, getpeername for the peer's.  Returns
 * `name`, or NULL with errno if the socket has no such name (any more). */
const char *net_name(int fd, int (*ask)(int, struct sockaddr *, socklen_t *), char *name);

#endif
