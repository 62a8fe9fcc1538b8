#define _GNU_SOURCE
#include "dialogue.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/oracle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

static int wait_for(int fd, short events, double end)
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
    struct talk t = { .exam = e, .fd = fd, .want = q->out, .want_len = q->out_len };
    double end = guard_now() + e->patience;
    char line[sizeof q->out];
    size_t len = 0;

    if (e->service != CHAT) {
        hear(e, fd, q->out, q->out_len);
        return;
    }
    for (;;) {
        ssize_t n = recv(fd, line + len, 1, 0);

        if (n < 0 && errno == EAGAIN) {
            if (wait_for(fd, POLLIN, end) == 0)
                fail_talk(&t, SILENCE, line, len, ", then silence");
            continue;
        }
        if (n <= 0)
            fail_talk(&t, n ? RESET : ENDED, line, len,
                      n ? ", then a reset" : ", then the end of the stream");
        if (line[len++] != '\n' && len < sizeof line)
            continue;
        /* A torn line may stand before it: other checks look at that. */
        if (len >= q->out_len && !memcmp(line + len - q->out_len, q->out, q->out_len))
            return;
        len = 0;
    }
}

void ask(struct exam *e, int fd)
{
    struct question q;

    question_make(e, &q);
    if (e->service == CHAT) {
        say(e, fd, q.in, q.in_len);
        hear_reply(e, fd, &q);
        return;
    }
    converse(e, fd, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
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

void settle(struct exam *e, int fd)
{
    double start = guard_now(), now;
    int port = port_of(fd);
    struct tcp_socket s;
    struct tree tree;

    /* /proc/net/tcp is dear, so it is looked at last. A server that never sleeps has 10 ms,
     * and one that does not want the bytes 100. */
    for (double pause = 0.0001; (now = guard_now()) < start + 0.3;
         guard_sleep_until(now + (pause *= 1.3))) {
        subject_tree(e->subject, &tree);
        if (!tree_sleeps(&tree) && now < start + 0.01)
            continue;
        if (port == 0 || now > start + 0.1
            || !witness_socket_of(e->subject->port, port, &s) || s.unread == 0)
            return;
    }
}

static bool is_gone(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLRDHUP };

    return poll(&p, 1, 0) > 0;
}

size_t push(struct exam *e, int fd, const struct script *t, size_t *sent)
{
    double moved = guard_now(), end = moved + 3 * e->patience;
    size_t at = *sent, taken = 0, now;
    struct tree tree;

    for (; taken < t->len; e->sheet->unsettled = guard_now() > end) {
        ssize_t n = send(fd, t->bytes + at, t->len - at, MSG_NOSIGNAL);
        struct tcp_socket s;
        int queued = 0;

        if (n < 0 && errno != EAGAIN)
            break;
        at += n > 0 ? (size_t)n : 0;
        if (n > 0)
            moved = guard_now();
        if (n > 0 && at < t->len)
            continue;
        ioctl(fd, TIOCOUTQ, &queued);
        if (is_gone(fd))
            break;
        if (!witness_socket_of(e->subject->port, port_of(fd), &s)) {
            wait_for(fd, POLLERR, guard_now() + 0.01);
            continue;
        }
        now = (size_t)queued + s.unread;
        now = at > now ? at - now : 0;
        if (now > taken)
            moved = guard_now();
        taken = now;
        subject_tree(e->subject, &tree);
        /* Stuck is who sleeps before unread bytes; bytes under way may only be late. */
        if (e->sheet->unsettled
            || (guard_now() > moved + 0.1 && (s.unread > 0 || queued == 0)
                && tree_sleeps(&tree)))
            break;
        wait_for(fd, at < t->len ? POLLOUT : POLLERR, guard_now() + 0.01);
    }
    *sent = at;
    return taken;
}

/* The share of a processor in `seconds`; *asleep is the share of the looks at which it
 * slept: one that spins never does, even where it gets no processor. */
static double watch(struct exam *e, double seconds, double *asleep)
{
    double start = guard_now(), cpu;
    int looks = 0, sleeps = 0;
    struct tree tree;

    subject_tree(e->subject, &tree);
    cpu = tree_cpu(&tree);
    for (; guard_now() < start + seconds; looks++) {
        sleeps += tree_sleeps(&tree);
        guard_sleep_until(guard_now() + seconds / 20);
    }
    *asleep = (double)sleeps / looks;
    return (tree_cpu(&tree) - cpu) / (guard_now() - start);
}

void expect_calm(struct exam *e, const char *when)
{
    double share = 0, asleep;

    expects(e, "under 5 %% of a processor");
    for (int tries = 0; tries < 3; tries++) { /* what is left to do may be done first */
        share = watch(e, 0.6, &asleep);
        if (share < 0.05 && asleep > 0.2)
            return;
    }
    fail(e, SPINS, NULL, "%.0f %% %s", share * 100, when);
}
