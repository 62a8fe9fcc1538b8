/* question - what is asked of a server, and what is due for it: by chance, from the seed. */
#ifndef QUESTION_H
#define QUESTION_H

#include "dialogue.h"

/* One request of the service, another each time, and its reply. */
struct question {
    char in[200], out[200];
    size_t in_len, out_len;
};
void question_make(struct exam *e, struct question *q);
void ask(struct exam *e, int fd);

/* The reply to a request. In chat there may be other clients' lines before it. */
void hear_reply(struct exam *e, int fd, const struct question *q);

/* Many requests and what is due for them. */
void stream_fill(struct exam *e, struct script *t, long requests);
void stream_end(struct exam *e, struct script *t, enum client_end end);

/* `most` bytes of requests, or a little more, and their replies. OFFERED is more than a
 * server takes that bounds what it holds. */
enum { OFFERED = 8000000 };
void stream_offer(struct exam *e, struct script *t, size_t most);

/* Leaves out what comes behind the request that byte `at` is in. */
void stream_cut(struct exam *e, struct script *t, size_t at);

/* How many bytes of replies are due for the first `len` bytes of requests: to a byte in
 * echo, to a reply or two in calc, where all are of about one length. */
size_t stream_due(const struct script *t, size_t len);

#endif
