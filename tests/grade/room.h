/* room - the clients of a chat server, all of whom hear the same lines. */
#ifndef ROOM_H
#define ROOM_H

#include "question.h"

/* Whoever is in the room has read all that was said. */
enum { ROOM_MOST = 30 };
struct room {
    int fds[ROOM_MOST], count;
};

/* So many clients come, and each says a line. Afterwards a failure is blamed on e->framing
 * where there is one, else on nothing. */
struct room room_make(struct exam *e, int count);

/* These bytes come to everybody, and nothing else. */
void room_hear(struct exam *e, const struct room *r, const void *bytes, size_t len);

/* One of them says a line, and everybody hears it. */
void room_speak(struct exam *e, const struct room *r, int speaker);

#endif
