/* Stage 4, endings: a client leaves, in order or not. What is owed, and what is left? */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include "../lib/guard.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The causes of a half-close that goes wrong. */
static void blame_half_close(struct exam *e)
{
    blame(e, SILENCE, "half-close-unanswered");
    blame(e, ENDED, "half-close-unanswered");
    blame(e, RESET, "lost-at-close");
    blame(e, EXTRA, "no-end");
}

/* What a client sends, and its FIN: both are there when the server looks. */
static void say_and_finish(struct exam *e, int fd, const void *bytes, size_t len)
{
    suspend(e);
    say(e, fd, bytes, len);
    client_finish(fd);
    resume(e);
}

/* One request, then our FIN. */
static void half_close(struct exam *e)
{
    struct question q;
    int fd;

    expect_survival(e);
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
    say_and_finish(e, fd, q.in, q.in_len);
    converse(e, fd, "", 0, CLIENT_IS_LEFT, q.out, q.out_len);
}

/* Of a server that is stopped: all that it has sent. It is told once then, that there is room.
 * Returns how much that was. */
static size_t hear_kernel(struct exam *e, int fd, const char *due, size_t len)
{
    double end = guard_now() + e->patience;
    struct tcp_socket s = { .unsent = 1 };
    char bytes[4096];
    size_t n = 0;

    while (n < len && s.unsent > 0 && guard_now() < end) {
        size_t most = len - n < sizeof bytes ? len - n : sizeof bytes;
        ssize_t got;

        /* First the look, then the bytes: what was unsent then may be among these. */
        if (!witness_socket_of(e->subject->port, port_of(fd), &s))
            break;
        if (wait_for(fd, POLLIN, guard_now() + 0.01) == 0)
            continue;
        if ((got = recv(fd, bytes, most, 0)) <= 0)
            break;
        if (memcmp(bytes, due + n, (size_t)got) != 0)
            fail(e, WRONG, NULL, "other bytes after %zu right ones", n);
        n += (size_t)got;
    }
    return n;
}

/* So many requests, then our FIN, that replies wait in the server's process when it reads the
 * FIN. */
static void half_close_many(struct exam *e)
{
    struct script t = { 0 };
    struct tcp_socket s;
    char text[32];
    size_t sent = 0, ready = 0;
    struct tree tree;
    bool full;
    int fd;

    expect_survival(e);
    did(e, "A client asked");
    expects(e, "a reply");
    ask(e, fd = come_with(e, &deaf));
    stream_offer(e, &t, OFFERED);
    /* One that does not read on has more to read than one recv brings, and the FIN behind it. */
    full = push_to_brim(e, fd, &t, &sent);
    stream_cut(e, &t, full ? sent : sent + 20000);
    did(e, "A client sent %s of requests and its FIN, and was slow to read",
        amount(t.len, text));
    expects(e, "%zu bytes of replies, then the end of the stream", t.replies_len);
    e->sheet->fin_is_edge = true;
    blame_half_close(e);
    e->sheet->keeps = full;
    blame(e, ENDED, "lost-at-close");
    blame(e, WRONG, "short-write");
    if (e->framing || e->fin)
        blame_all(e, e->framing ? e->framing : e->fin);
    if (!witness_socket_of(e->subject->port, port_of(fd), &s) || s.state != TCP_IS_OPEN) {
        blame(e, ENDED, "eagain-is-error"); /* the FIN is still to come */
        blame(e, RESET, "eagain-is-error");
    }
    /* A stop would cut short a send that blocks; it matters to one who waits for an edge. */
    subject_tree(e->subject, &tree);
    if (tree_waits(&tree)) {
        say_and_finish(e, fd, t.bytes + sent, t.len - sent);
        settle(e, fd);
        suspend(e);
        ready = hear_kernel(e, fd, t.replies, t.replies_len);
        resume(e);
    } else {
        say(e, fd, t.bytes + sent, t.len - sent);
        client_finish(fd);
    }
    converse(e, fd, "", 0, CLIENT_IS_LEFT, t.replies + ready, t.replies_len - ready);
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
    if (e->framing || e->fin)
        blame_all(e, e->framing ? e->framing : e->fin);
    say(e, fd, q.in, len);
    settle(e, fd); /* a FIN that comes together with data is half_close's */
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
    int fd, stays;

    expect_survival(e);
    did(e, "%ld clients broke off with a reset; another went on asking", n);
    expects(e, "its replies, as if nothing had happened");
    ask(e, stays = come(e));
    blame(e, WRONG, "mixes-clients");
    blame_end(e, "dies-of-reset", "dies-of-reset");
    for (long i = 0; i < n; i++) {
        question_make(e, &q);
        fd = come(e);
        if (i % 2) /* all of it is there at once when the server looks */
            suspend(e);
        say(e, fd, q.in, i % 3 == 0 ? 0 : i % 3 == 1 ? q.in_len : q.in_len / 2);
        if (i % 2 == 0)
            settle(e, fd);
        client_reset(fd);
        resume(e);
        ask(e, stays);
    }
    ask(e, come(e));
}

/* A client is gone with replies owed. FIN and RST are there before the server reads the
 * requests: its first write finds nobody (EPIPE), and the default of SIGPIPE is death. */
static void owed(struct exam *e)
{
    struct script t = { 0 };
    int fd;

    stream_fill(e, &t, 500 + random_below(e, 100));
    expect_survival(e);
    did(e, "Clients asked some 500 times and left without reading; then another asked");
    expects(e, "its reply");
    blame_end(e, "dies-of-reset", "dies-of-reset");
    for (int i = 0; i < 4; i++) {
        ask(e, fd = come(e));
        suspend(e);
        say(e, fd, t.bytes, t.len);
        if (i % 2 == 0)
            client_finish(fd);
        client_reset(fd);
        resume(e);
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

/* Some leave while the server is stopped, behind a half: then their FIN comes with data. */
static void come_and_go(struct exam *e, int n)
{
    struct question q;

    for (int i = 0; i < n; i++) {
        int fd = come(e);

        ask(e, fd);
        if (i % 4 == 0) {
            question_make(e, &q);
            say_and_finish(e, fd, q.in, q.in_len / 2);
        }
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

    expect_survival(e);
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
