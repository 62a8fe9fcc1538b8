/* The half of client.h that says and hears: each byte that comes is held against what is due. */
#define _GNU_SOURCE
#include "client.h"

#include "check.h"
#include "guard.h"
#include "oracle.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "9@10 + 1234@", reply[] = "6@1244 0@";

/* What was said on a descriptor since it was last answered, to show it with a wrong
 * reply. */
struct said {
    int fd;
    size_t len;
    char bytes[100];
};

static struct said *said_on(int fd)
{
    static struct said said[64];
    struct said *it = &said[fd % 64];

    if (it->fd != fd)
        *it = (struct said){ .fd = fd };
    return it;
}

static void say_more(int fd, const char *bytes, size_t len)
{
    struct said *it = said_on(fd);
    size_t room = sizeof it->bytes - it->len;

    len = len < room ? len : room;
    memcpy(it->bytes + it->len, bytes, len);
    it->len += len;
}

/* A conversation in progress: what is sent and what has come is told apart from what is
 * still due. */
struct talk {
    int fd;
    const char *out, *want;
    size_t out_len, want_len, sent, got;
    const char *more; /* what came after `got` bytes that were right */
    size_t more_len;
    enum client_end end;
    bool at_eof;
};

/* One request of a talk, and the place of its reply. */
struct exchange {
    const char *asked;
    size_t asked_len, due_at, due_len;
};

/* The one whose reply holds byte `at`; false unless the replies are the oracle's. */
static bool find_exchange(const struct talk *t, size_t at, struct exchange *x)
{
    size_t in = 0, due = 0, used, len;
    char text[ORACLE_REPLY];

    for (; in < t->out_len && oracle_step(t->out + in, t->out_len - in, &used, text,
                                          &len) == ORACLE_DONE;
         in += used, due += len) {
        if (due + len > t->want_len
            || (len > 0 && memcmp(text, t->want + due, len) != 0))
            return false;
        if (at < due + len) {
            *x = (struct exchange){ t->out + in, used, due, len };
            return true;
        }
    }
    if (in == 0)
        return false;
    *x = (struct exchange){ t->out + in, t->out_len - in, due, t->want_len - due };
    return true;
}

static _Noreturn void fail_talk(const struct talk *t, const char *what)
{
    char asked[CHECK_SHOWN], due[CHECK_SHOWN], came[CHECK_SHOWN], bytes[100];
    const struct said *said = said_on(t->fd);
    size_t at = t->got, n = 0, most;
    struct exchange x;

    while (at - t->got < t->more_len && at < t->want_len
           && t->more[at - t->got] == t->want[at])
        at++;
    if (!find_exchange(t, at, &x)) {
        x = (struct exchange){ said->bytes, said->len, at < 24 ? 0 : at - 24, 0 };
        x.due_len = t->want_len - x.due_at;
    }
    most = x.due_len + 10 < sizeof bytes ? x.due_len + 10 : sizeof bytes;
    for (size_t i = x.due_at; i < t->got + t->more_len && n < most; i++)
        bytes[n++] = i < t->got ? t->want[i] : t->more[i - t->got];
    check_fail("%s: asked %s, due %s, came %s (%zu of %zu bytes of replies were right)",
               what, check_escape(asked, x.asked, x.asked_len),
               x.due_len ? check_escape(due, t->want + x.due_at, x.due_len) : "the end",
               n ? check_escape(came, bytes, n) : "nothing", at, t->want_len);
}

/* The stream has ended or was reset: by a server that lives, or by its death? */
static _Noreturn void fail_end(const struct talk *t, const char *what)
{
    const char *death = server_death();
    char with_death[120];

    snprintf(with_death, sizeof with_death, "the server %s", death ? death : what);
    fail_talk(t, with_death);
}

static void fail_errno(const struct talk *t)
{
    if (errno == EPIPE || errno == ECONNRESET)
        fail_end(t, "reset the connection");
    fail_talk(t, strerror(errno));
}

static void talk_send(struct talk *t)
{
    while (t->sent < t->out_len) {
        ssize_t n = send(t->fd, t->out + t->sent, t->out_len - t->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail_errno(t);
        say_more(t->fd, t->out + t->sent, (size_t)n);
        t->sent += (size_t)n;
    }
    if (t->end == CLIENT_FINISHES)
        client_finish(t->fd);
}

/* At most `room` bytes of what is due or, beyond that, too much. */
static void talk_read(struct talk *t, size_t room)
{
    char bytes[65536];
    size_t left = t->want_len - t->got;
    ssize_t got = recv(t->fd, bytes, room < sizeof bytes ? room : sizeof bytes, 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0)
        fail_errno(t);
    if (got == 0) {
        t->at_eof = true;
        if (t->got < t->want_len || t->end == CLIENT_STAYS)
            fail_end(t, "ended the stream");
        return;
    }
    t->more = bytes;
    t->more_len = (size_t)got;
    if (t->more_len > left)
        fail_talk(t, "more came than was asked for");
    if (memcmp(bytes, t->want + t->got, t->more_len) != 0)
        fail_talk(t, "wrong reply");
    t->got += t->more_len;
    t->more_len = 0;
}

static bool talk_is_over(const struct talk *t)
{
    return t->got == t->want_len && t->sent == t->out_len
           && (t->at_eof || t->end == CLIENT_STAYS);
}

static void talk_to_end(struct talk *t)
{
    double deadline = guard_end();

    talk_send(t);
    while (!talk_is_over(t)) {
        short events = t->at_eof ? 0 : POLLIN;
        size_t before = t->sent + t->got;

        if (t->sent < t->out_len)
            events |= POLLOUT;
        if (!guard_wait(t->fd, events, deadline))
            fail_talk(t, "then nothing moved any more");
        if (!t->at_eof)
            talk_read(t, SIZE_MAX);
        if (t->sent < t->out_len)
            talk_send(t);
        if (t->sent + t->got != before)
            deadline = guard_end();
    }
    if (t->end == CLIENT_STAYS && client_look(t->fd) == CLIENT_HAS_BYTES)
        talk_read(t, SIZE_MAX);
    said_on(t->fd)->len = 0;
}

void client_converse(int fd, const void *out, size_t out_len, enum client_end end,
                     const void *want, size_t want_len)
{
    client_converse_rest(fd, 0, out, out_len, end, want, want_len);
}

void client_visit(const struct server *s, const void *out, size_t out_len,
                  enum client_end end, const void *want, size_t want_len)
{
    int fd = client_open(s);

    client_converse(fd, out, out_len, end, want, want_len);
    close(fd);
}

void client_converse_rest(int fd, size_t sent, const void *out, size_t out_len,
                          enum client_end end, const void *want, size_t want_len)
{
    struct talk t = { .fd = fd, .sent = sent, .out = out, .out_len = out_len,
                      .want = want, .want_len = want_len, .end = end };

    talk_to_end(&t);
}

void client_send(int fd, const void *bytes, size_t len)
{
    struct talk t = { .fd = fd, .out = bytes, .out_len = len, .end = CLIENT_STAYS };

    for (talk_send(&t); t.sent < len; talk_send(&t))
        if (!guard_wait(fd, POLLOUT, guard_end()))
            fail_talk(&t, "the server takes nothing more");
}

void client_say(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

void client_expect(int fd, const void *want, size_t len)
{
    struct talk t = { .fd = fd, .want = want, .want_len = len, .end = CLIENT_STAYS };

    while (t.got < len) {
        size_t before = t.got;

        talk_read(&t, len - t.got);
        if (t.got == before && !guard_wait(fd, POLLIN, guard_end()))
            fail_talk(&t, "the server sends nothing more");
    }
    said_on(fd)->len = 0;
}

void client_hear(int fd, const char *text)
{
    client_expect(fd, text, strlen(text));
}

void client_expect_eof(int fd)
{
    client_converse(fd, "", 0, CLIENT_IS_LEFT, "", 0);
}

size_t client_push(int fd, const void *bytes, size_t len, const struct server *s)
{
    const char *b = bytes;
    size_t sent = 0;
    int held = 0, before = -1;

    while (sent < len && held < 10) {
        ssize_t n = send(fd, b + sent, len - sent, MSG_NOSIGNAL);
        int queued = 0;

        if (n > 0) {
            say_more(fd, b + sent, (size_t)n);
            sent += (size_t)n;
            held = 0;
            continue;
        }
        if (errno != EAGAIN)
            break;
        server_settle(s);
        ioctl(fd, TIOCOUTQ, &queued);
        held = queued == before ? held + 1 : 0;
        before = queued;
        guard_wait(fd, POLLOUT, guard_now() + 0.01);
    }
    return sent;
}

void client_ask(int fd)
{
    client_converse(fd, request, sizeof request - 1, CLIENT_STAYS, reply,
                    sizeof reply - 1);
}
