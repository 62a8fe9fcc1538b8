/* plays - the limits of the rungs, each made visible: what clients do, and what is seen.
 *
 * A play tells on `page` what happened, and returns whether the server was up to it. */
#ifndef LADDER_PLAYS_H
#define LADDER_PLAYS_H

#include "../lib/launch.h"

#include <stdbool.h>
#include <stdio.h>

/* Where the transcript goes. */
extern FILE *page;

bool play_silent(struct server *s);     /* one client is silent, another asks */
bool play_crowd(struct server *s);      /* a hundred are silent: what do they cost? */
bool play_quiet(struct server *s);      /* nobody speaks: does the server sleep? */
bool play_high(struct server *s);       /* started with high descriptors only */
bool play_sum(struct server *s);        /* a sum */
bool play_pieces(struct server *s);     /* a sum in two pieces, two in one */
bool play_unread(struct server *s);     /* a client that does not read its replies */
bool play_list(struct server *s);       /* what each wait hands over */
bool play_full(struct server *s);       /* no descriptor is free */
bool play_burst(struct server *s);      /* much at once */
bool play_stranded(struct server *s);   /* a descriptor becomes free again */

#endif
