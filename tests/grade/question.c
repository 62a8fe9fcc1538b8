#define _GNU_SOURCE
#include "question.h"

#include "../lib/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void question_make(struct exam *e, struct question *q)
{
    char sum[100], reply[ORACLE_REPLY];
    size_t used;

    if (e->echo) {
        q->in_len = (size_t)snprintf(q->in, sizeof q->in, "line %ld of %ld\n",
                                     random_below(e, 1000000), random_below(e, 1000));
        memcpy(q->out, q->in, q->in_len);
        q->out_len = q->in_len;
        return;
    }
    q->in_len = (size_t)snprintf(sum, sizeof sum, "%ld + %ld", random_below(e, 100000),
                                 random_below(e, 100000));
    q->in_len = (size_t)snprintf(q->in, sizeof q->in, "%zu@%s@", q->in_len, sum);
    oracle_step(q->in, q->in_len, &used, reply, &q->out_len);
    memcpy(q->out, reply, q->out_len);
}

void hear_reply(struct exam *e, int fd, const struct question *q)
{
    if (e->service == CHAT)
        hear_line(e, fd, q->out, q->out_len);
    else
        hear(e, fd, q->out, q->out_len);
}

void ask(struct exam *e, int fd)
{
    struct question q;

    question_make(e, &q);
    if (e->service != CHAT) {
        converse(e, fd, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
        return;
    }
    say(e, fd, q.in, q.in_len);
    hear_reply(e, fd, &q);
}

void stream_fill(struct exam *e, struct script *t, long requests)
{
    struct question q;

    for (long i = 0; i < requests; i++) {
        question_make(e, &q);
        script_add(t, q.in, q.in_len);
    }
}

void stream_end(struct exam *e, struct script *t, enum client_end end)
{
    if (!e->echo) {
        script_ready(t, end);
        return;
    }
    free(t->replies);
    if (!(t->replies = malloc(t->len + 1)))
        abort();
    memcpy(t->replies, t->bytes, t->len);
    t->replies_len = t->len;
    t->end = end;
}

/* The block again and again; only its own replies are worked out. */
void stream_offer(struct exam *e, struct script *t, size_t most)
{
    enum { BLOCK = 2000 };
    size_t len, due_len;
    char *block, *due;

    stream_fill(e, t, BLOCK);
    stream_end(e, t, CLIENT_STAYS);
    len = t->len;
    due_len = t->replies_len;
    block = malloc(len);
    due = malloc((most / len + 2) * due_len);
    if (!block || !due)
        abort();
    memcpy(block, t->bytes, len);
    memcpy(due, t->replies, due_len);
    while (t->len < most) {
        script_add(t, block, len);
        memcpy(due + t->replies_len, due, due_len);
        t->replies_len += due_len;
    }
    free(block);
    free(t->replies);
    t->replies = due;
}

void stream_cut(struct exam *e, struct script *t, size_t at)
{
    size_t end = 0;

    while (end < at && end < t->len) {
        const char *frame = t->bytes + end, mark = e->echo ? '\n' : '@';

        end += (size_t)((const char *)memchr(frame, mark, t->len - end) - frame) + 1;
        if (!e->echo)
            end += strtoul(frame, NULL, 10) + 1;
    }
    t->len = end;
    stream_end(e, t, CLIENT_STAYS);
}

size_t stream_due(const struct script *t, size_t len)
{
    return (size_t)((double)len * (double)t->replies_len / (double)t->len);
}
