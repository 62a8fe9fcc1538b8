/* talk - a connection that asks numbered sums and checks each numbered reply.
 *
 * Request k of a talk is a sum that follows from k, and so is its reply: a talk of a
 * million requests stores none of them. With the echo service the reply is the request.
 *
 *     talk_open(&t, &plan->target, number, NULL);
 *     t.limit = 1000;
 *     talk_complete(&t);          ... 1000 asked, 1000 right replies
 *     talk_end(&t);               ... FIN, and EOF came back
 *
 * What fails the test (check.h): a wrong byte; an end that nobody asked for; nothing
 * that moves until the guard.
 */
#ifndef TALK_H
#define TALK_H

#include "../lib/client.h"

enum { TALK_OUT = 16384, TALK_WORDS = 80 };

struct talk {
    int fd;
    bool echo;
    long number;         /* of the talk: others ask other sums */
    long limit;          /* how many requests to ask in all; may be raised */
    long made, heard;    /* requests put into out; whole replies received */
    char out[TALK_OUT];
    size_t out_length, out_sent;
    char want[TALK_WORDS]; /* the reply that comes next */
    size_t want_length, want_got;
};

enum talk_event { TALK_MOVED, TALK_WAITS, TALK_ENDED, TALK_BROKEN };

void talk_open(struct talk *t, const struct server *target, long number,
               const struct client_setup *setup);

/* One send of at most `most` bytes. */
enum talk_event talk_send(struct talk *t, size_t most);

/* One recv, and its bytes are compared. */
enum talk_event talk_receive(struct talk *t);

/* Both, and waits, until all of `limit` are asked and answered. */
void talk_complete(struct talk *t);

/* Half-closes, takes what is owed, expects EOF and closes. */
void talk_end(struct talk *t);

/* Has it bytes to send; are replies missing? */
bool talk_has_to_send(const struct talk *t);
bool talk_is_owed(const struct talk *t);

#endif
