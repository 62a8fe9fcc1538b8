#define _GNU_SOURCE
#include "dialogue.h"

#include "../lib/check.h"
#include "../lib/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct client_setup deaf = { .rcvbuf = 4096, .maxseg = 536 };

void did(struct exam *e, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(e->sheet->did, sizeof e->sheet->did, format, arguments);
    va_end(arguments);
}

void expects(struct exam *e, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(e->sheet->expected, sizeof e->sheet->expected, format, arguments);
    va_end(arguments);
}

void blame(struct exam *e, enum kind kind, const char *cause)
{
    e->sheet->blamed[kind] = cause;
}

void blame_all(struct exam *e, const char *cause)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (kind != SLOW)
            e->sheet->blamed[kind] = cause;
}

void client_stays(struct exam *e)
{
    blame(e, ENDED, "closed-early");
    blame(e, RESET, "closed-early");
}

void blame_end(struct exam *e, const char *by_itself, const char *by_signal)
{
    e->sheet->blamed_exit = by_itself;
    e->sheet->blamed_signal = by_signal;
}

/* Leaves the sheet with the grader and keeps the sockets as they are until it has looked
 * at the server. */
static _Noreturn void hand_in(struct exam *e, enum verdict verdict)
{
    e->sheet->verdict = verdict;
    close(STDOUT_FILENO); /* the grader waits for the end of this pipe */
    for (;;)
        pause();
}

_Noreturn void fail(struct exam *e, enum kind kind, const char *cause,
                    const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(e->sheet->seen, sizeof e->sheet->seen, format, arguments);
    va_end(arguments);
    e->sheet->kind = kind;
    if (cause) {
        e->sheet->certain = true;
        e->sheet->blamed[kind] = cause;
    }
    hand_in(e, FAILED);
}

_Noreturn void not_possible(struct exam *e, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(e->sheet->seen, sizeof e->sheet->seen, format, arguments);
    va_end(arguments);
    hand_in(e, NOT_POSSIBLE);
}

int port_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;

    if (getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        return 0;
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                         : ((struct sockaddr_in *)&a)->sin_port);
}

int come_with(struct exam *e, const struct client_setup *setup)
{
    int fd = client_try(&e->subject->server, setup);

    if (fd < 0)
        fail(e, REFUSED, NULL, "connect failed: %s", strerror(errno));
    return fd;
}

int come(struct exam *e)
{
    return come_with(e, NULL);
}

/* A conversation in progress. */
struct talk {
    struct exam *exam;
    int fd;
    const char *out, *want;
    size_t out_len, want_len, sent, got;
    enum client_end end;
    bool at_eof;
};

/* What was due and has come, for the report; `more` are bytes that do not fit. */
static _Noreturn void fail_talk(const struct talk *t, enum kind kind, const char *more,
                                size_t more_len, const char *then)
{
    char came[CHECK_SHOWN], due[CHECK_SHOWN], all[200];
    size_t n = t->got < sizeof all / 2 ? t->got : 0, m = more_len < 60 ? more_len : 60;

    t->exam->sheet->asker = port_of(t->fd);
    memcpy(all, t->want, n);
    memcpy(all + n, more, m);
    if (t->out_len > 4 && n + m == t->out_len && !memcmp(all, t->out, t->out_len))
        t->exam->sheet->nuance = "echoes";
    if (t->got == 0 && more_len == 0)
        fail(t->exam, kind, NULL, "nothing%s", then);
    if (n == t->got && t->want_len < 100)
        fail(t->exam, kind, NULL, "%s%s", check_escape(came, all, n + m), then);
    if (more_len == 0)
        fail(t->exam, kind, NULL, "%zu right bytes of %zu%s", t->got, t->want_len, then);
    n = t->want_len - t->got < 40 ? t->want_len - t->got : 40;
    m = more_len < 40 ? more_len : 40;
    fail(t->exam, kind, NULL, "%zu right bytes, then %s where %s was due", t->got,
         check_escape(came, more, m), check_escape(due, t->want + t->got, n));
}

static void talk_send(struct talk *t)
{
    while (t->sent < t->out_len) {
        ssize_t n = send(t->fd, t->out + t->sent, t->out_len - t->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0 && t->got < t->want_len)
            return; /* what came before the reset is still to be read */
        if (n < 0)
            fail_talk(t, RESET, "", 0, ", then a reset");
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
        fail_talk(t, RESET, "", 0, ", then a reset");
    if (got == 0) {
        t->at_eof = true;
        if (t->got < t->want_len || t->end == CLIENT_STAYS)
            fail_talk(t, ENDED, "", 0, ", then the end of the stream");
        return;
    }
    n = (size_t)got < left ? (size_t)got : left;
    for (size_t same = 0; same < n; same++)
        if (bytes[same] != t->want[t->got + same]) {
            t->got += same;
            fail_talk(t, WRONG, bytes + same, (size_t)got - same, "");
        }
    t->got += n;
    if ((size_t)got > left)
        fail_talk(t, EXTRA, bytes + n, (size_t)got - n, "");
}

static bool talk_is_over(const struct talk *t)
{
    return t->got == t->want_len && t->sent == t->out_len
           && (t->at_eof || t->end == CLIENT_STAYS);
}

int wait_for(int fd, short events, double end)
{
    struct pollfd p = { .fd = fd, .events = events };

    return poll(&p, 1, guard_left(end));
}

void converse(struct exam *e, int fd, const void *out, size_t out_len,
              enum client_end end, const void *want, size_t want_len)
{
    struct talk t = { .exam = e, .fd = fd, .out = out, .out_len = out_len,
                      .want = want, .want_len = want_len, .end = end };
    double start = guard_now(), deadline = start + e->patience, took;

    talk_send(&t);
    while (!talk_is_over(&t)) {
        short events = (short)((t.at_eof ? 0 : POLLIN) |
                               (t.sent < out_len ? POLLOUT : 0));
        size_t before = t.sent + t.got;

        if (wait_for(fd, events, deadline) == 0)
            fail_talk(&t, t.got == want_len && end != CLIENT_STAYS ? EXTRA : SILENCE,
                      "", 0,
                      t.got == want_len && t.sent == out_len
                          ? (want_len ? ", and no end of the stream" : ", no end either")
                      : t.got == 0                           ? ""
                                                             : ", then silence");
        if (!t.at_eof)
            talk_read(&t);
        if (t.sent < out_len)
            talk_send(&t);
        if (t.sent + t.got != before)
            deadline = guard_now() + e->patience;
    }
    took = guard_now() - start;
    if (want_len > 0 && (e->sheet->quickest == 0 || took < e->sheet->quickest))
        e->sheet->quickest = took;
}

void say(struct exam *e, int fd, const void *bytes, size_t len)
{
    struct talk t = { .exam = e, .fd = fd, .out = bytes, .out_len = len, .want = "" };
    double end = guard_now() + e->patience;

    for (talk_send(&t); t.sent < len; talk_send(&t))
        if (wait_for(fd, POLLOUT, end) == 0)
            fail_talk(&t, SILENCE, "", 0, ": the server takes no more");
}

void hear(struct exam *e, int fd, const void *bytes, size_t len)
{
    converse(e, fd, "", 0, CLIENT_STAYS, bytes, len);
}

void hear_nothing(struct exam *e, int fd, double seconds)
{
    struct talk t = { .exam = e, .fd = fd, .want = "", .out = "" };

    if (wait_for(fd, POLLIN, guard_now() + seconds) > 0)
        talk_read(&t);
}

void hear_line(struct exam *e, int fd, const char *line, size_t len)
{
    struct talk t = { .exam = e, .fd = fd, .want = line, .want_len = len };
    double end = guard_now() + e->patience;
    char came[200];
    size_t n = 0;

    for (;;) {
        ssize_t got = recv(fd, came + n, 1, 0);

        if (got < 0 && errno == EAGAIN) {
            if (wait_for(fd, POLLIN, end) == 0)
                fail_talk(&t, SILENCE, came, n, ", then silence");
            continue;
        }
        if (got <= 0)
            fail_talk(&t, got ? RESET : ENDED, came, n,
                      got ? ", then a reset" : ", then the end of the stream");
        if (came[n++] != '\n' && n < sizeof came)
            continue;
        /* A torn line may stand before it: other checks look at that. */
        if (n >= len && !memcmp(came + n - len, line, len))
            return;
        n = 0;
    }
}
