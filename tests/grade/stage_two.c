/* Stage 3, two at once: is one client served while another is silent? */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include "../lib/guard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CROWD_MOST = 60, QUEUE = 5 };

/* One has connected and says nothing. */
static void silent(struct exam *e)
{
    struct question q;
    int fd, quiet = come(e);

    settle(e, quiet);
    question_make(e, &q);
    did(e, "A client connected and said nothing. Another sent \"%.*s\"",
        (int)q.in_len - e->echo, q.in);
    expects(e, "\"%.*s\"", (int)q.out_len - e->echo, q.out);
    blame_all(e, "one-at-a-time");
    client_stays(e);
    fd = come(e);
    converse(e, fd, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
    ask(e, quiet);
}

/* One has sent half a request; later the other half comes. */
static void half(struct exam *e)
{
    struct question q, other;
    size_t cut;
    int fd, slow = come(e);

    question_make(e, &q);
    question_make(e, &other);
    cut = 2 + (size_t)random_below(e, (long)q.in_len - 3);
    did(e, "A client sent half a request, \"%.*s\"", (int)cut, q.in);
    say(e, slow, q.in, cut);
    settle(e, slow);
    did(e, "A client sent half a request, \"%.*s\". Another sent \"%.*s\"", (int)cut, q.in,
        (int)other.in_len, other.in);
    expects(e, "\"%.*s\"", (int)other.out_len, other.out);
    blame_all(e, "blocking-read");
    blame(e, WRONG, "mixes-clients");
    blame(e, ENDED, "mixes-clients");
    e->sheet->blamed_read = "blocking-read";
    fd = come(e);
    converse(e, fd, other.in, other.in_len, CLIENT_STAYS, other.out, other.out_len);
    did(e, "A client sent half a request; another was served; then the other half came");
    expects(e, "%.*s for the two halves", (int)q.out_len, q.out);
    blame_all(e, "mixes-clients");
    blame(e, SILENCE, NULL);
    if (e->framing)
        blame_all(e, e->framing);
    converse(e, slow, q.in + cut, q.in_len - cut, CLIENT_STAYS, q.out, q.out_len);
}

/* One has spoken, and is silent since. */
static void spoke(struct exam *e)
{
    int fd, quiet = come(e);

    did(e, "A client sent a line");
    expects(e, "the line back");
    ask(e, quiet);
    did(e, "A client sent a line, got it back, and stayed. Another sent a line");
    blame_all(e, "one-at-a-time");
    client_stays(e);
    fd = come(e);
    ask(e, fd);
    ask(e, quiet);
}

/* A newcomer was closed without a reply. Is there no room for it, or does the server take a
 * client for gone that has said nothing yet? Another one comes while the server is stopped,
 * so that its request is there as soon as it is. */
static const char *why_closed(struct exam *e)
{
    bool served;
    int fd;

    suspend(e);
    if ((fd = client_try(&e->subject->server, NULL)) >= 0) {
        struct question q;

        question_make(e, &q);
        say(e, fd, q.in, q.in_len);
    }
    resume(e);
    served = fd >= 0 && client_wait(fd, guard_now() + e->patience) == CLIENT_HAS_BYTES;
    return served ? "closed-early" : "few-clients";
}

/* Comes, asks and stays. */
static int guest(struct exam *e)
{
    int fd = come(e);
    struct question q;

    question_make(e, &q);
    say(e, fd, q.in, q.in_len);
    switch (client_wait(fd, guard_now() + e->patience)) {
    case CLIENT_AT_EOF: fail(e, ENDED, why_closed(e), "one was closed without a reply");
    case CLIENT_RESET: fail(e, RESET, why_closed(e), "one was closed without a reply");
    default: hear_reply(e, fd, &q);
    }
    return fd;
}

/* Many stay; all ask, and then all read: does each get its own? */
static void crowd(struct exam *e)
{
    struct question q[CROWD_MOST];
    int fds[CROWD_MOST], n = 40 + (int)random_below(e, CROWD_MOST - 40);

    did(e, "%d clients came and stayed, and each asked", n);
    expects(e, "a reply for each");
    blame(e, REFUSED, "few-clients");
    client_stays(e);
    for (int i = 0; i < n; i++)
        fds[i] = guest(e);
    did(e, "%d clients asked at the same time, each something else", n);
    expects(e, "each its own reply");
    blame(e, WRONG, "mixes-clients");
    blame(e, EXTRA, "mixes-clients");
    for (int i = 0; i < n; i++) {
        question_make(e, &q[i]);
        say(e, fds[i], q[i].in, q[i].in_len);
    }
    for (int i = n; i-- > 0;)
        hear_reply(e, fds[i], &q[i]);
}

/* Several come while the server is stopped (Ctrl-Z), so that they are reported all at
 * once; SIGCONT also ends an epoll_wait with EINTR. */
static void at_once(struct exam *e)
{
    struct question q[QUEUE];
    int fds[QUEUE], n;

    did(e, "The server was stopped (Ctrl-Z); %d clients came and asked; then it was "
           "continued", QUEUE);
    expects(e, "a reply for each");
    blame_end(e, "dies-of-eintr", NULL);
    blame_all(e, "stranded");
    client_stays(e);
    ask(e, come(e));
    settle(e, -1);
    if (!suspend(e))
        not_possible(e, "the server cannot be stopped by a signal");
    for (n = 0; n < QUEUE && (fds[n] = client_try(&e->subject->server, NULL)) >= 0; n++) {
        question_make(e, &q[n]);
        say(e, fds[n], q[n].in, q[n].in_len);
    }
    resume(e);
    if (n < 2)
        not_possible(e, "its backlog has room for %d client%s", n, n == 1 ? "" : "s");
    for (int i = 0; i < n; i++)
        hear_reply(e, fds[i], &q[i]);
}

const struct check two_calc[] = {
    { "silent", 6, silent, 0 },
    { "half", 4, half, 0 },
    { "crowd", 3, crowd, 0 },
    { "at-once", 2, at_once, 0 },
    { 0 }
};

const struct check two_echo[] = {
    { "silent", 6, silent, 0 },
    { "spoke", 4, spoke, 0 },
    { "crowd", 3, crowd, 0 },
    { "at-once", 2, at_once, 0 },
    { 0 }
};

const struct check two_chat[] = {
    { "silent", 5, chat_silent, 0 },
    { "crowd", 3, crowd, 0 },
    { "order", 5, chat_order, 0 },
    { "at-once", 2, at_once, 0 },
    { 0 }
};
