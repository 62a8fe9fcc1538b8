/* Stage 4, endings: a client leaves, in order or not. What is owed, and what is left? */
#define _GNU_SOURCE
#include "dialogue.h"

#include "../lib/guard.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The causes of a half-close that goes wrong. */
static void blame_half_close(struct exam *e)
{
    blame(e, SILENCE, "half-close-unanswered");
    blame(e, ENDED, "half-close-unanswered");
    blame(e, RESET, "lost-at-close");
    blame(e, EXTRA, "no-end");
}

/* One request, then our FIN. The server is stopped meanwhile: both are there when it
 * looks. */
static void half_close(struct exam *e)
{
    struct question q;
    struct tree tree;
    int fd;

    did(e, "A client asked, read the reply, and then sent its FIN");
    expects(e, "the end of the stream");
    ask(e, fd = come(e));
    blame_half_close(e);
    blame(e, RESET, "half-close-unanswered");
    client_finish(fd);
    converse(e, fd, "", 0, CLIENT_IS_LEFT, "", 0);
    e->sheet->fin_is_edge = true;
    client_stays(e);
    ask(e, fd = come(e));
    question_make(e, &q);
    did(e, "A client sent \"%.*s\" and its FIN at the same time", (int)q.in_len - e->echo,
        q.in);
    expects(e, "\"%.*s\", then the end of the stream", (int)q.out_len - e->echo, q.out);
    blame_half_close(e);
    blame(e, RESET, "half-close-unanswered");
    subject_tree(e->subject, &tree);
    tree_signal(&tree, SIGSTOP);
    say(e, fd, q.in, q.in_len);
    client_finish(fd);
    tree_signal(&tree, SIGCONT);
    converse(e, fd, "", 0, CLIENT_IS_LEFT, q.out, q.out_len);
}

/* So many requests, then our FIN, that replies still wait in the server when it reads the
 * FIN. */
static void half_close_many(struct exam *e)
{
    struct script t = { 0 };
    char text[32];
    size_t sent = 0;
    int fd = come_with(e, &deaf);

    did(e, "A client asked");
    expects(e, "a reply");
    ask(e, fd);
    stream_offer(e, &t, (size_t)(2500000 + random_below(e, 500000)));
    did(e, "A client sent %s of requests and its FIN, and was slow to read",
        amount(t.len, text));
    expects(e, "%zu bytes of replies, then the end of the stream", t.replies_len);
    e->sheet->fin_is_edge = true;
    blame_half_close(e);
    blame(e, ENDED, "lost-at-close");
    blame(e, WRONG, "short-write");
    if (e->framing || e->fin)
        blame_all(e, e->framing ? e->framing : e->fin);
    push(e, fd, &t, &sent);
    converse(e, fd, t.bytes + sent, t.len - sent, CLIENT_FINISHES, t.replies,
             t.replies_len);
}

/* The stream ends inside a frame. */
static void cut(struct exam *e)
{
    struct question q;
    size_t len;
    int fd = come(e);

    question_make(e, &q);
    len = 2 + (size_t)random_below(e, (long)q.in_len - 3);
    did(e, "A client sent \"%.*s\" and its FIN: a frame cut short", (int)len, q.in);
    expects(e, "3@0 5@, then the end of the stream");
    blame_all(e, "bad-frame");
    e->sheet->nuance = "cut";
    blame(e, EXTRA, "no-end");
    e->sheet->fin_is_edge = true;
    if (e->framing || e->fin)
        blame_all(e, e->framing ? e->framing : e->fin);
    say(e, fd, q.in, len);
    client_finish(fd);
    converse(e, fd, "", 0, CLIENT_IS_LEFT, "3@0 5@", 6);
}

/* The first byte is none that a frame begins with. Three look like white space, or like the
 * end of a string. */
static void bad_first_bytes(struct exam *e)
{
    static const char like[] = { '\0', '\v', '\f' };
    enum { TRIED = 40 };

    expects(e, "3@0 5@, then the end of the stream");
    e->sheet->nuance = "first-byte";
    for (int i = 0; i < TRIED; i++) {
        char byte = i < (int)sizeof like ? like[i] : (char)random_below(e, 256);
        int fd;

        if (byte && strchr(" \t\r\n0123456789", byte))
            continue;
        did(e, "A client sent one byte, of the value %d", (unsigned char)byte);
        fd = come(e);
        converse(e, fd, &byte, 1, CLIENT_IS_LEFT, "3@0 5@", 6);
        close(fd);
    }
}

/* A frame that cannot be one, behind one that is. */
static void bad(struct exam *e)
{
    static const char *const wrong[] = { "x", "5@1 + 1#", "007@", "-5@1 + 1@", "12345" };
    const char *bytes = wrong[random_below(e, 5)];
    struct script t = { 0 };
    int fd = come(e);

    stream_fill(e, &t, 1);
    script_add_text(&t, bytes);
    script_ready(&t, CLIENT_IS_LEFT);
    did(e, "A client sent %.*s: a request, and then no frame", (int)t.len, t.bytes);
    expects(e, "%.*s, then the end of the stream", (int)t.replies_len, t.replies);
    blame_all(e, "bad-frame");
    blame(e, RESET, "lost-at-close");
    if (e->framing)
        blame_all(e, e->framing);
    converse(e, fd, t.bytes, t.len, CLIENT_IS_LEFT, t.replies, t.replies_len);
    bad_first_bytes(e);
}

/* Clients break off: at once, after a request, in the middle of one. */
static void reset(struct exam *e)
{
    struct question q;
    long n = 12 + random_below(e, 6);
    int fd, stays = come(e);

    did(e, "%ld clients broke off with a reset; another went on asking", n);
    expects(e, "its replies, as if nothing had happened");
    ask(e, stays);
    blame(e, WRONG, "mixes-clients");
    blame_end(e, "dies-of-reset", "dies-of-reset");
    for (long i = 0; i < n; i++) {
        question_make(e, &q);
        fd = come(e);
        say(e, fd, q.in, i % 3 == 0 ? 0 : i % 3 == 1 ? q.in_len : q.in_len / 2);
        if (i % 2)
            settle(e, fd);
        client_reset(fd);
        ask(e, stays);
    }
    ask(e, come(e));
}

/* A client is gone with replies owed. FIN and RST are there before the server reads the
 * requests: its first write finds nobody (EPIPE), and the default of SIGPIPE is death. */
static void owed(struct exam *e)
{
    struct script t = { 0 };
    struct tree tree;
    int fd;

    stream_fill(e, &t, 500 + random_below(e, 100));
    subject_tree(e->subject, &tree);
    did(e, "Clients asked some 500 times and left without reading; then another asked");
    expects(e, "its reply");
    blame_end(e, "dies-of-reset", "dies-of-reset");
    for (int i = 0; i < 4; i++) {
        ask(e, fd = come(e));
        subject_tree(e->subject, &tree);
        tree_signal(&tree, SIGSTOP);
        say(e, fd, t.bytes, t.len);
        if (i % 2 == 0)
            client_finish(fd);
        client_reset(fd);
        tree_signal(&tree, SIGCONT);
        ask(e, come(e));
    }
    /* In its own time: the replies come, and meet a closed socket. */
    for (int i = 0; i < 4; i++) {
        fd = come(e);
        say(e, fd, t.bytes, t.len);
        settle(e, fd);
        close(fd);
        ask(e, come(e));
    }
}

/* How many sockets the server still has of clients that are gone. */
static int left_behind(struct exam *e)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    int count = witness_sockets(e->subject->port, sockets), left = 0;

    for (int i = 0; i < count; i++)
        left += sockets[i].state == TCP_IS_CLOSE_WAIT && sockets[i].inode != 0;
    return left;
}

static int descriptors(struct exam *e)
{
    struct tree tree;

    subject_tree(e->subject, &tree);
    return tree_descriptors(&tree);
}

static void come_and_go(struct exam *e, int n)
{
    struct question q;

    for (int i = 0; i < n; i++) {
        int fd = come(e);

        question_make(e, &q);
        if (i % 4 == 0)
            say(e, fd, q.in, q.in_len / 2);
        else
            ask(e, fd);
        if (i % 4 == 3)
            client_reset(fd);
        else
            close(fd);
    }
}

/* Whoever is gone has no descriptor. The first few fill what a server keeps for good. */
static void come_back(struct exam *e)
{
    enum { LEAVERS = 60 };
    double end;
    int before, now, left, n = LEAVERS + (int)random_below(e, 20);

    did(e, "%d clients came, asked and left, by FIN and by RST", n);
    expects(e, "their descriptors back");
    come_and_go(e, 12);
    ask(e, come(e));
    for (end = guard_now() + 0.3; guard_now() < end && left_behind(e) > 0;)
        guard_sleep_until(guard_now() + 0.005);
    before = descriptors(e);
    come_and_go(e, n);
    for (end = guard_now() + e->patience;; guard_sleep_until(guard_now() + 0.01)) {
        now = descriptors(e);
        left = left_behind(e);
        if (left == 0 && now <= before + 2)
            return;
        if (guard_now() > end)
            break;
    }
    blame(e, GROWS, "descriptors-leak");
    e->sheet->fin_is_edge = left > 0 && left < n / 2; /* it takes the FIN of the others */
    if (now < 0)
        fail(e, GROWS, NULL, "%d sockets stay in CLOSE_WAIT", left);
    fail(e, GROWS, NULL, "%d descriptors before, %d after; %d sockets stay in CLOSE_WAIT",
         before, now, left);
}

const struct check endings_calc[] = {
    { "half-close", 2, half_close, 0 },
    { "half-close-many", 3, half_close_many, 0 },
    { "cut", 1, cut, 0 },
    { "bad-frame", 2, bad, 0 },
    { "reset", 2, reset, 0 },
    { "owed", 3, owed, 0 },
    { "descriptors", 2, come_back, 0 },
    { 0 }
};

const struct check endings_echo[] = {
    { "half-close", 3, half_close, 0 },
    { "half-close-many", 4, half_close_many, 0 },
    { "reset", 2, reset, 0 },
    { "owed", 3, owed, 0 },
    { "descriptors", 3, come_back, 0 },
    { 0 }
};

const struct check endings_chat[] = {
    { "leave", 3, chat_leave, 0 },
    { "cut", 2, chat_cut, 0 },
    { "reset", 3, reset, 0 },
    { "owed", 4, owed, 0 },
    { "descriptors", 3, come_back, 0 },
    { 0 }
};
