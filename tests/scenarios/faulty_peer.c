/* One client of the faulty server: see faulty.h. */
#define _GNU_SOURCE
#include "faulty.h"

#include "../lib/oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer *peer_open(int fd, double now)
{
    struct peer *p = malloc(sizeof *p);
    int one = 1;

    if (!p)
        return NULL;
    if (has("memory-for-all"))
        memset(p = realloc(p, sizeof *p + 100000), 'x', sizeof *p + 100000);
    memset(p, 0, offsetof(struct peer, in));
    p->fd = fd;
    p->since = now;
    p->budget = -1;
    if (has("urgent-inline"))
        setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof one);
    if (has("blocking"))
        fcntl(fd, F_SETFL, 0);
    return p;
}

bool peer_wants_read(const struct peer *p)
{
    if (p->gone || p->eof)
        return false;
    if (p->last)
        return true;
    if (has("no-backpressure") || has("eof-drops-all") || has("last-reply-lost"))
        return p->in_len < IN_ROOM;
    return p->in_len < IN_ROOM && p->out_len == 0 && p->budget != 0;
}

bool peer_wants_write(const struct peer *p)
{
    return p->out_len > 0;
}

static void put(struct peer *p, const char *bytes, size_t len)
{
    memcpy(p->out + p->out_at + p->out_len, bytes, len);
    p->out_len += len;
}

/* The faults of a calculator that thinks it knows better than the oracle. */
static void spoil(const char *in, size_t used, char *reply, size_t *len)
{
    long long x = 0, y = 0, q;
    char op = 0, text[64] = "";
    bool sum;

    memcpy(text, in, used < sizeof text ? used : sizeof text - 1);
    sum = sscanf(text, "%*d@%lld %c %lld", &x, &op, &y) == 3 && y != 0;
    if (has("no-crlf") && *in == '\n')
        *len = (size_t)sprintf(reply, "\n");
    if (has("string-payload") && memchr(in, '\0', used))
        *len = (size_t)sprintf(reply, "3@0 4@");
    if (!sum || reply[*len - 2] != '0')
        return;
    if (has("floor-division") && op == '/' && x % y && (x < 0) != (y < 0)) {
        q = x / y - 1;
        *len = (size_t)sprintf(reply, "%d@%lld 0@", snprintf(NULL, 0, "%lld 0", q), q);
    }
    if (has("sign-of-divisor") && op == '%' && y != -1 && x % y && (x < 0) != (y < 0)) {
        q = x % y + y;
        *len = (size_t)sprintf(reply, "%d@%lld 0@", snprintf(NULL, 0, "%lld 0", q), q);
    }
    if (has("crashes-on-minimum") && op == '%' && y == -1 && x < -9223372036854775807)
        abort();
}

/* Bad frame, or end of stream inside one. */
static void refuse(struct peer *p)
{
    if (!has("silent-refusal"))
        put(p, "3@0 5@", 6);
    p->last = true;
    p->in_len = 0;
    p->gone = has("closes-at-once");
}

static enum oracle_step next(struct peer *p, size_t at, size_t *used, char *reply,
                             size_t *len)
{
    size_t left = p->in_len - at;
    enum oracle_step step = oracle_step(p->in + at, left, used, reply, len);

    if (step == ORACLE_DONE && *settings.fault)
        spoil(p->in + at, *used, reply, len);
    if (has("late-refusal") && step == ORACLE_BAD && left < 6 && !p->eof)
        return ORACLE_MORE;
    if (has("refuses-4095") && left > 4 && !memcmp(p->in + at, "4095", 4))
        return ORACLE_BAD;
    if (has("takes-4096") && left == 4 && !memcmp(p->in + at, "4096", 4))
        return ORACLE_MORE;
    if (has("whole-frames-only") && step == ORACLE_MORE && left > 0)
        return ORACLE_BAD;
    return step;
}

/* Complete requests become replies. Returns how many. */
static int serve(struct peer *p)
{
    size_t at = 0, used = 0, len;
    char reply[ORACLE_REPLY];
    enum oracle_step step = ORACLE_DONE;
    int served = 0;

    if (settings.echo) {
        for (; p->in_len > at && p->out_at + p->out_len < OUT_ROOM; at++)
            if (!has("eats-nul") || p->in[at])
                put(p, p->in + at, 1);
        step = at == p->in_len ? ORACLE_MORE : ORACLE_DONE;
    }
    while (!settings.echo && p->out_at + p->out_len + ORACLE_REPLY < OUT_ROOM
           && (step = next(p, at, &used, reply, &len)) == ORACLE_DONE) {
        put(p, reply, len);
        at += used;
        served++;
        if (has("one-request-a-turn"))
            break;
    }
    if (has("keeps-white-space") && at > 0) {
        static void *volatile kept; /* an allocation nobody looks at is optimised away */
        memset(kept = malloc(at), 'x', at);
    }
    p->crowded = step == ORACLE_DONE && !has("one-request-a-turn");
    memmove(p->in, p->in + at, p->in_len -= at);
    if (step == ORACLE_BAD || (step == ORACLE_MORE && p->eof && p->in_len > 0
                               && !has("silent-cut") && !settings.echo))
        refuse(p);
    else if (step == ORACLE_MORE && (p->budget == 0 || (p->eof && p->in_len > 0))) {
        if (has("answers-unfinished") && p->in_len > 0)
            put(p, "3@0 5@", 6);
        p->last = true;
        p->in_len = 0;
    }
    return served;
}

/* Returns how many bytes came. */
static ssize_t fill(struct peer *p)
{
    char trash[IN_ROOM], *to = p->last ? trash : p->in + p->in_len;
    size_t room = p->last ? IN_ROOM : IN_ROOM - p->in_len;
    ssize_t n;

    if (has("no-backpressure") && p->in_len > IN_ROOM / 2)
        p->in_len = 0;
    if (room > (size_t)settings.read_size)
        room = (size_t)settings.read_size;
    if (p->budget >= 0 && room > (size_t)p->budget && !p->last)
        room = (size_t)p->budget;
    n = recv(p->fd, to, room, MSG_DONTWAIT);
    if (n == 0 && p->in_len == 0 && !p->last && has("answers-nothing-said"))
        put(p, "3@0 5@", 6);
    p->eof = n == 0;
    if (n == 0 && !p->last)
        p->gone = has("eof-drops-all") || has("last-reply-lost");
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        p->gone = true;
    if (n > 0 && !p->last) {
        p->in_len += (size_t)n;
        p->budget -= p->budget > 0 ? n : 0;
    }
    return n > 0 && !p->last ? n : 0;
}

/* Returns how many bytes went. */
static ssize_t flush(struct peer *p)
{
    int flags = has("sigpipe") ? 0 : MSG_NOSIGNAL;
    size_t held = has("last-reply-lost") ? 12 : 0;
    ssize_t n = 0;

    if (p->out_len > held)
        n = send(p->fd, p->out + p->out_at, p->out_len - held, flags);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        p->gone = true;
    if (n > 0) {
        p->out_at += (size_t)n;
        p->out_len -= (size_t)n;
        if (has("short-write-lost"))
            p->out_len = 0;
    }
    if (p->out_len == 0)
        p->out_at = 0;
    return n > 0 ? n : 0;
}

static void set_clock(struct peer *p, double now, bool moved, bool served)
{
    bool begun = p->in_len > 0 && p->out_len == 0 && !settings.echo;
    enum clock clock = p->fin ? LEAVING : begun ? BEGUN : QUIET;


    if (has("no-frame-clock") && clock == BEGUN)
        clock = QUIET;
    if (p->budget >= 0 && p->last && has("stop-closes-at-once"))
        p->gone = true;
    if (has("frame-clock-while-paused") && clock == QUIET && p->in_len > 0)
        clock = BEGUN;
    if (clock != p->clock || (clock == QUIET && moved)
        || (clock == BEGUN && served && !has("one-clock-for-all-requests"))
        || (clock == BEGUN && moved && has("drip-extends")))
        p->since = now;
    p->clock = clock;
}

void peer_turn(struct peer *p, double now)
{
    bool moved = false, served = false, again = true;

    while (again) {
        if (peer_wants_read(p) && (!p->crowded || p->out_len > 0))
            moved |= fill(p) > 0;
        again = !p->gone && !p->last && serve(p) > 0;
        served |= again;
        if (has("ignores-white-space") && p->in_len == 0 && p->out_len == 0)
            moved = false;
        if (!p->gone || has("closes-at-once"))
            moved |= flush(p) > 0;
        again = again && p->out_len == 0 && (p->crowded || has("greedy"));
    }
    if (p->out_len == 0 && p->in_len == 0 && p->eof && !has("farewell-unanswered"))
        p->gone = true;

    if (p->out_len == 0 && p->last && !p->fin && !p->gone) {
        shutdown(p->fd, SHUT_WR);
        p->fin = true;
    }
    set_clock(p, now, moved, served);
}

void peer_expire(struct peer *p, double now)
{
    double limits[] = { settings.idle, settings.frame, 2 }, limit = limits[p->clock];

    if (has("farewell-forever") && p->clock == LEAVING)
        return;
    if (has("deaf-forever") && p->out_len > 0)
        return;
    if (has("farewell-short") && p->clock == LEAVING)
        limit = 0.5;
    if (limit > 0 && has("early"))
        limit *= 0.1;
    if ((limit == 0 && !has("zero-expires")) || now - p->since < limit)
        return;
    if (!has("clocks-first")) {
        const double since = p->since;

        peer_turn(p, now); /* the last chance */
        if (p->since > since)
            return;
    }
    p->gone = true;
}

void peer_stop(struct peer *p)
{
    int unread = 0;

    if (has("stop-ends-farewell"))
        p->gone = p->last;
    if (has("stop-drops-unread"))
        p->in_len = p->out_len = 0;
    else
        ioctl(p->fd, FIONREAD, &unread);
    p->budget = unread;
}
