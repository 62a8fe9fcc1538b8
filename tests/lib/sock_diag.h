/* sock_diag - asks the kernel for TCP sockets by netlink, as ss does: sock_diag(7).
 *
 * One socket costs a few microseconds. /proc/net/tcp, which says the same, costs
 * milliseconds: the kernel walks its whole hash table for it. No root is needed. Where a
 * kernel or a sandbox has no NETLINK_SOCK_DIAG, the functions say so, and the caller
 * reads the table. */
#ifndef SOCK_DIAG_H
#define SOCK_DIAG_H

#include "witness.h"

/* The socket of 127.0.0.1:`port` whose peer is 127.0.0.1:`peer`; with peer 0 the listener
 * that would take a client there. False: there is none, or the kernel does not tell. */
bool sock_diag_find(int port, int peer, struct tcp_socket *found);

/* Sockets of one family at this local port (any port where `port` is 0, then listeners
 * only). Returns how many, at most `room`; -1 where the kernel does not tell. */
int sock_diag_list(int family, int port, struct tcp_socket *sockets, int room);

#endif
