/* script - a request stream and the replies that it is owed, according to the oracle.
 *
 *     struct script t = { 0 };
 *     script_add_text(&t, "9@10 + 1234@ \n");
 *     script_add_sums(&t, 1000);
 *     script_run(&t, CLIENT_FINISHES, &s);
*/
#ifndef SCRIPT_H
#define SCRIPT_H

#include "client.h"
#include "launch.h"

#include <stddef.h>
#include <stdint.h>

struct script {
    char *bytes;
    size_t len, room;
    char *replies;  /* from script_ready on */
    size_t replies_len;
    enum client_end end;
};

void script_add(struct script *t, const void *bytes, size_t len);
void script_add_text(struct script *t, const char *text);

/* A frame around this payload, or around the payload "X OP Y". */
void script_add_frame(struct script *t, const void *payload, size_t len);
void script_add_sum(struct script *t, int64_t x, char op, int64_t y);

/* n sums, each different, so that a lost or doubled reply shows. */
void script_add_sums(struct script *t, long n);

/* Computes the replies; `end` as in client_converse. A bad frame in the stream makes
 * CLIENT_STAYS into CLIENT_IS_LEFT. */
void script_ready(struct script *t, enum client_end end);

/* Plays it on a connection of its own, and closes that. */
void script_play(const struct script *t, const struct server *s);

/* Plays what is left after the first `sent` bytes, which were sent already, and closes. */
void script_play_rest(const struct script *t, size_t sent, int fd);

/* Ready, play and free. */
void script_run(struct script *t, enum client_end end, const struct server *s);

void script_free(struct script *t);

#endif
