/* look - what the kernel tells from outside about a server, and about all that it started:
 * its threads, its children. */
#ifndef LADDER_LOOK_H
#define LADDER_LOOK_H

#include "../lib/launch.h"

#include <stdbool.h>

/* How many processes the server is, and how many threads these have in all. */
int look_processes(const struct server *s);
int look_threads(const struct server *s);

/* Waits until the server rests, each thread asleep and none run meanwhile, at ten looks in a
 * row. False: it never does, for as long as
 * the guard allows, or until `over` says yes of `argument`. */
bool look_settled(const struct server *s, bool (*over)(void *), void *argument);

/* Looks n times at the server: how often did it run? */
int look_runs(const struct server *s, int n);

/* The call in which the server sleeps: "recv", "poll" ...; *second is the call's second
 * argument. Skips the test where the system does not tell. */
const char *look_call(const struct server *s, unsigned long *second);

/* Bytes that lie unread in the kernel on the server's side of this client's connection. */
long look_unread(const struct server *s, int client);

/* Entries of the list that the kernel keeps for the server's epoll descriptor. */
int look_listed(const struct server *s);

#endif
