#define _GNU_SOURCE
#include "client.h"

#include "check.h"
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "9@10 + 1234@", reply[] = "6@1244 0@";

static int wait_for(int fd, short events, int milliseconds)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n;

    while ((n = poll(&p, 1, milliseconds)) < 0 && errno == EINTR)
        ;
    return n;
}

static void set_up(int fd, const struct client_setup *setup)
{
    struct sockaddr_in from = { .sin_family = AF_INET };
    int one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!setup)
        return;
    if (setup->rcvbuf)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &setup->rcvbuf, sizeof setup->rcvbuf);
    if (setup->sndbuf)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &setup->sndbuf, sizeof setup->sndbuf);
    if (setup->source)
        check(inet_pton(AF_INET, setup->source, &from.sin_addr) == 1 &&
                  bind(fd, (struct sockaddr *)&from, sizeof from) == 0,
              "cannot bind to %s: %s", setup->source, strerror(errno));
}

int client_try(const struct server *s, const struct client_setup *setup)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(s->address.ss_family, type, 0);
    socklen_t len = sizeof(int);
    int error = 0;

    if (fd < 0)
        return -1;
    set_up(fd, setup);
    if (connect(fd, (const struct sockaddr *)&s->address, s->address_len) < 0) {
        error = errno;
        if (error == EINPROGRESS) {
            error = ETIMEDOUT;
            if (wait_for(fd, POLLOUT, (int)(GUARD * 1000)) > 0)
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
        }
    }
    if (error) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int client_open_with(const struct server *s, const struct client_setup *setup)
{
    int fd = client_try(s, setup);

    check(fd >= 0, "cannot connect: %s", strerror(errno));
    return fd;
}

int client_open(const struct server *s)
{
    return client_open_with(s, NULL);
}

/* A conversation in progress: what is sent and what has come is told apart from what is
   still due. */
struct talk {
    int fd;
    const char *out, *want;
    size_t out_len, want_len, sent, got;
    enum client_end end;
    bool at_eof;
};

static _Noreturn void fail_talk(const struct talk *t, const char *what)
{
    char shown[CHECK_SHOWN];

    check_fail("%s, after %zu of %zu bytes sent and %zu of %zu read; next expected: %s",
               what, t->sent, t->out_len, t->got, t->want_len,
               t->got < t->want_len
                   ? check_escape(shown, t->want + t->got, t->want_len - t->got)
                   : "end of stream or silence");
}

static void talk_send(struct talk *t)
{
    while (t->sent < t->out_len) {
        ssize_t n = send(t->fd, t->out + t->sent, t->out_len - t->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail_talk(t, errno == EPIPE || errno == ECONNRESET
                             ? "the server reset the connection"
                             : strerror(errno));
        t->sent += (size_t)n;
    }
    if (t->end == CLIENT_FINISHES)
        client_finish(t->fd);
}

static void talk_read(struct talk *t)
{
    char bytes[65536];
    size_t left = t->want_len - t->got, n;
    ssize_t got = recv(t->fd, bytes, sizeof bytes, 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0)
        fail_talk(t, errno == ECONNRESET ? "the server reset the connection"
                                         : strerror(errno));
    if (got == 0) {
        t->at_eof = true;
        if (t->got < t->want_len || t->end == CLIENT_STAYS)
            fail_talk(t, "the server ended the stream");
        return;
    }
    n = (size_t)got < left ? (size_t)got : left;
    if ((size_t)got > left || memcmp(bytes, t->want + t->got, n) != 0) {
        char where[100];

        snprintf(where, sizeof where, "reply stream, from byte %zu", t->got);
        check_bytes(where, t->want + t->got, left, bytes, (size_t)got);
    }
    t->got += (size_t)got;
}

static bool talk_is_over(const struct talk *t)
{
    return t->got == t->want_len && t->sent == t->out_len &&
           (t->at_eof || t->end == CLIENT_STAYS);
}

void client_converse(int fd, const void *out, size_t out_len, enum client_end end,
                     const void *want, size_t want_len)
{
    struct talk t = { .fd = fd, .out = out, .out_len = out_len, .want = want,
                      .want_len = want_len, .end = end };
    double deadline = guard_end();

    talk_send(&t);
    while (!talk_is_over(&t)) {
        short events = t.at_eof ? 0 : POLLIN;
        size_t before = t.sent + t.got;

        if (t.sent < out_len)
            events |= POLLOUT;
        if (wait_for(fd, events, guard_left(deadline)) == 0)
            fail_talk(&t, "nothing moved any more");
        if (!t.at_eof)
            talk_read(&t);
        if (t.sent < out_len)
            talk_send(&t);
        if (t.sent + t.got != before)
            deadline = guard_end();
    }
    if (end == CLIENT_STAYS && client_look(fd) == CLIENT_HAS_BYTES)
        fail_talk(&t, "the server sent more than was due");
}

void client_send(int fd, const void *bytes, size_t len)
{
    struct talk t = { .fd = fd, .out = bytes, .out_len = len, .end = CLIENT_STAYS };

    for (talk_send(&t); t.sent < len; talk_send(&t))
        if (wait_for(fd, POLLOUT, (int)(GUARD * 1000)) == 0)
            fail_talk(&t, "the server takes nothing more");
}

void client_say(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

void client_expect(int fd, const void *want, size_t len)
{
    const char *w = want;
    char bytes[65536];
    size_t got = 0;

    while (got < len) {
        size_t left = len - got;
        struct talk t = { .fd = fd, .want = w, .want_len = len, .got = got };
        ssize_t n = recv(fd, bytes, left < sizeof bytes ? left : sizeof bytes, 0);

        if (n < 0 && errno == EAGAIN) {
            if (wait_for(fd, POLLIN, (int)(GUARD * 1000)) == 0)
                fail_talk(&t, "the server sends nothing more");
            continue;
        }
        if (n <= 0)
            fail_talk(&t, n == 0 ? "the server ended the stream" : strerror(errno));
        if (memcmp(bytes, w + got, (size_t)n) != 0)
            check_bytes("reply", w + got, left, bytes, (size_t)n);
        got += (size_t)n;
    }
}

void client_hear(int fd, const char *text)
{
    client_expect(fd, text, strlen(text));
}

void client_expect_eof(int fd)
{
    client_converse(fd, "", 0, CLIENT_IS_LEFT, "", 0);
}

void client_expect_gone(int fd)
{
    double end = guard_end();
    char bytes[65536];

    while (wait_for(fd, POLLIN, guard_left(end)) > 0) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);

        if (n == 0 || (n < 0 && errno != EAGAIN))
            return;
    }
    check_fail("the server did not close the connection within %g s", GUARD);
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
        wait_for(fd, POLLOUT, 10);
    }
    return sent;
}

enum client_state client_look(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN ? CLIENT_QUIET : CLIENT_RESET;
    return n == 0 ? CLIENT_AT_EOF : CLIENT_HAS_BYTES;
}

enum client_state client_wait(int fd, double moment)
{
    wait_for(fd, POLLIN, guard_left(moment));
    return client_look(fd);
}

void client_finish(int fd)
{
    shutdown(fd, SHUT_WR);
}

void client_reset(int fd)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

void client_ask(int fd)
{
    client_converse(fd, request, sizeof request - 1, CLIENT_STAYS, reply,
                    sizeof reply - 1);
}
