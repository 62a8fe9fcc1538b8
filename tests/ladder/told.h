/* told - what the plays have in common: a client asks, and what it hears is told. */
#ifndef LADDER_TOLD_H
#define LADDER_TOLD_H

#include "../lib/launch.h"

#include <stdbool.h>
#include <stddef.h>

#define SUM "9@10 + 1234@"
#define RESULT "6@1244 0@"

enum { CROWD = 100 };    /* clients that are silent */

/* What a client asks this server in general, and what it should hear. */
const char *question(const struct server *s);
const char *reply(const struct server *s);

/* Lets the server come to rest, if it is one that rests. */
void let_rest(const struct server *s);

/* Everything that this client hears until the server rests; NUL ends it. */
size_t hear(const struct server *s, int client, char *text, size_t room);

/* Waits for this reply; false if the server rests without it, or has closed. */
bool hears(const struct server *s, int client, const char *want);

/* Tell on the page: in which call the server sleeps; what client `letter` hears, or what
 * keeps it from that; whether the server runs while nobody speaks (false: it does). */
void tell_sleep(const struct server *s);
bool tell_hearing(const struct server *s, int client, char letter);
bool tell_runs(const struct server *s);

void crowd_open(const struct server *s, int crowd[CROWD]);
void crowd_close(int crowd[CROWD]);

#endif
