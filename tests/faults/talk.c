#define _GNU_SOURCE
#include "talk.h"

#include "../lib/check.h"
#include "../lib/guard.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The two operands: numbers of all lengths, and no two talks the same. */
static size_t make_request(const struct talk *t, long k, char text[TALK_WORDS])
{
    char sum[TALK_WORDS];
    long a = k * k % 1000003, b = t->number * 1000 + k % 977;
    int length = snprintf(sum, sizeof sum, "%ld + %ld", a, b);

    return (size_t)snprintf(text, TALK_WORDS, "%d@%s@", length, sum);
}

static size_t make_reply(const struct talk *t, long k, char text[TALK_WORDS])
{
    char sum[TALK_WORDS];
    long a = k * k % 1000003, b = t->number * 1000 + k % 977;
    int length = snprintf(sum, sizeof sum, "%ld 0", a + b);

    if (t->echo)
        return make_request(t, k, text);
    return (size_t)snprintf(text, TALK_WORDS, "%d@%s@", length, sum);
}

void talk_open(struct talk *t, const struct server *target, long number,
               const struct client_setup *setup)
{
    memset(t, 0, sizeof *t);
    t->number = number;
    t->echo = strcmp(target->service, "echo") == 0;
    t->want_length = make_reply(t, 0, t->want);
    t->fd = client_open_with(target, setup);
}

static void fill_out(struct talk *t)
{
    t->out_sent = t->out_length = 0;
    while (t->made < t->limit && TALK_OUT - t->out_length >= TALK_WORDS)
        t->out_length += make_request(t, t->made++, t->out + t->out_length);
}

bool talk_has_to_send(const struct talk *t)
{
    return t->out_sent < t->out_length || t->made < t->limit;
}

bool talk_is_owed(const struct talk *t)
{
    return t->heard < t->limit;
}

enum talk_event talk_send(struct talk *t, size_t most)
{
    ssize_t n;
    size_t left;

    if (t->out_sent == t->out_length)
        fill_out(t);
    left = t->out_length - t->out_sent;
    n = send(t->fd, t->out + t->out_sent, left < most ? left : most,
             MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? TALK_WAITS : TALK_BROKEN;
    t->out_sent += (size_t)n;
    return TALK_MOVED;
}

static void take(struct talk *t, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t left = t->want_length - t->want_got;
        size_t n = length < left ? length : left;

        if (memcmp(bytes, t->want + t->want_got, n) != 0) {
            char what[60];

            snprintf(what, sizeof what, "reply %ld of connection %ld", t->heard,
                     t->number);
            check_bytes(what, t->want + t->want_got, left, bytes, length);
        }
        bytes += n;
        length -= n;
        t->want_got += n;
        if (t->want_got == t->want_length) {
            t->want_length = make_reply(t, ++t->heard, t->want);
            t->want_got = 0;
        }
    }
}

enum talk_event talk_receive(struct talk *t)
{
    char bytes[TALK_OUT];
    ssize_t n = recv(t->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? TALK_WAITS : TALK_BROKEN;
    if (n == 0)
        return TALK_ENDED;
    take(t, bytes, (size_t)n);
    check(t->heard <= t->made, "connection %ld got a reply it never asked for",
          t->number);
    return TALK_MOVED;
}

/* Waits until something can move, and moves it. */
static void move(struct talk *t)
{
    struct pollfd slot = { .fd = t->fd, .events = POLLIN };
    enum talk_event event = TALK_MOVED;

    if (talk_has_to_send(t))
        slot.events |= POLLOUT;
    check(poll(&slot, 1, (int)(guard_seconds() * 1000)) > 0,
          "connection %ld: nothing moves for %g s, with %ld of %ld requests answered",
          t->number, guard_seconds(), t->heard, t->limit);
    if (slot.revents & (POLLIN | POLLHUP | POLLERR))
        event = talk_receive(t);
    if (event == TALK_MOVED && slot.revents & POLLOUT)
        event = talk_send(t, TALK_OUT);
    check(event == TALK_MOVED || event == TALK_WAITS,
          "connection %ld: the server %s after %ld of %ld replies", t->number,
          event == TALK_ENDED ? "closed" : "broke off", t->heard, t->limit);
}

void talk_complete(struct talk *t)
{
    while (talk_has_to_send(t) || talk_is_owed(t))
        move(t);
}

void talk_end(struct talk *t)
{
    t->limit = t->made;
    while (talk_has_to_send(t))
        move(t);
    client_finish(t->fd);
    while (talk_is_owed(t))
        move(t);
    client_expect_eof(t->fd);
    close(t->fd);
}
