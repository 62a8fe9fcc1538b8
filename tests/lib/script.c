#define _GNU_SOURCE
#include "script.h"

#include "check.h"
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void script_add(struct script *t, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (t->len + len > t->room) {
        t->room = 2 * (t->len + len);
        t->bytes = realloc(t->bytes, t->room);
        check(t->bytes != NULL, "no memory");
    }
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

void script_add_text(struct script *t, const char *text)
{
    script_add(t, text, strlen(text));
}

void script_add_frame(struct script *t, const void *payload, size_t len)
{
    char head[24];

    script_add(t, head, (size_t)snprintf(head, sizeof head, "%zu@", len));
    script_add(t, payload, len);
    script_add(t, "@", 1);
}

void script_add_sum(struct script *t, int64_t x, char op, int64_t y)
{
    char payload[64];
    int len = snprintf(payload, sizeof payload, "%" PRId64 " %c %" PRId64, x, op, y);

    script_add_frame(t, payload, (size_t)len);
}

void script_add_sums(struct script *t, long n)
{
    for (long i = 0; i < n; i++)
        script_add_sum(t, i, '+', 1000000 + 3 * i);
}

void script_ready(struct script *t, enum client_end end)
{
    bool closes;

    free(t->replies);
    t->replies = malloc(2 * t->len + 8);
    check(t->replies != NULL, "no memory");
    t->replies_len = oracle_stream(t->bytes, t->len, end == CLIENT_FINISHES, t->replies,
                                   &closes);
    t->end = end == CLIENT_STAYS && closes ? CLIENT_IS_LEFT : end;
}

void script_play_rest(const struct script *t, size_t sent, int fd)
{
    client_converse_rest(fd, sent, t->bytes, t->len, t->end, t->replies, t->replies_len);
    close(fd);
}

void script_play(const struct script *t, const struct server *s)
{
    script_play_rest(t, 0, client_open(s));
}

void script_run(struct script *t, enum client_end end, const struct server *s)
{
    script_ready(t, end);
    script_play(t, s);
    script_free(t);
}

void script_free(struct script *t)
{
    free(t->bytes);
    free(t->replies);
    memset(t, 0, sizeof *t);
}
