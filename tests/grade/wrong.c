/* wrong - a small server that has one fault of choice, or a cheat: what the grader has to
 * call by its name.
 *
 *     $ build/tests/wrong half-close-unanswered calc 8085
 *
 * Without a fault (`none`) it keeps the contract as far as the grader asks: epoll,
 * level-triggered, the oracle as codec. Each fault is one `has("its-name")` where somebody
 * might have written just that. Other faults have the rungs of docs/ladder, and
 * build/tests/faulty; tests/grade/faults says who has to be called what. */
#define _GNU_SOURCE
#include "../lib/guard.h"
#include "../lib/oracle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_ROOM = 8192, OUT_HIGH = 16384, BATCH = 64 };

struct peer {
    int fd;
    unsigned events;      /* as registered */
    bool eof, last;       /* its FIN was read; what it says is discarded */
    bool answered;
    char in[IN_ROOM], *out;
    size_t in_len, out_at, out_len, out_room;
};

static const char *fault;
static bool is_echo;
static int epoll, listener, reserve;
static struct peer *before; /* the client served last */
static int pause_ms = -1;   /* the listener is watched again after so long, if at all */
static struct peer awake;   /* no client: an eventfd */

static bool has(const char *name)
{
    return !strcmp(fault, name);
}

static void put(struct peer *p, const void *bytes, size_t len)
{
    if (p->out_at == p->out_len)
        p->out_at = p->out_len = 0;
    if (p->out_len + len > p->out_room) {
        p->out_room = 2 * (p->out_len + len);
        if (!(p->out = realloc(p->out, p->out_room)))
            exit(1);
    }
    memcpy(p->out + p->out_len, bytes, len);
    p->out_len += len;
    p->answered = p->answered || len > 0;
}

/* 64 bits that wrap, for who does not check. */
static size_t wrapped(const char *in, size_t used, char *reply)
{
    unsigned long long x, y, r;
    char op, sum[60], *end;
    const char *payload = memchr(in, '@', used);
    int len;

    snprintf(sum, sizeof sum, "%.*s", (int)(in + used - payload - 2), payload + 1);
    x = (unsigned long long)strtoull(sum, &end, 10);
    op = end[0] && end[1] ? end[1] : ' ';
    y = op == ' ' ? 0 : (unsigned long long)strtoull(end + 3, NULL, 10);
    r = op == '+' ? x + y : op == '-' ? x - y : x * y;
    len = snprintf(sum, sizeof sum, "%lld 0", (long long)r);
    return (size_t)sprintf(reply, "%d@%s@", len, sum);
}

/* A cheat's table of requests, by a hash, and their replies, in the file WRONG_TABLE: `records`
 * fills it and is right, `replays` knows what is in it. */
static size_t recall(const char *in, size_t used, char *reply, size_t len)
{
    enum { PLACES = 1 << 17 };
    static struct place {
        uint64_t hash;
        size_t len;
        char reply[ORACLE_REPLY];
    } *table;
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    struct place *p;

    if (!table) {
        int fd = open(getenv("WRONG_TABLE"), O_RDWR | O_CREAT, 0600);

        if (fd < 0 || ftruncate(fd, PLACES * sizeof *table) < 0)
            exit(1);
        table = mmap(NULL, PLACES * sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    for (size_t i = 0; i < used; i++)
        hash = (hash ^ (unsigned char)in[i]) * 1099511628211u;
    for (size_t at = hash % PLACES; p = &table[at], p->hash && p->hash != hash;)
        at = (at + 1) % PLACES;
    if (has("records")) {
        p->hash = hash;
        p->len = len;
        memcpy(p->reply, reply, len);
    }
    memcpy(reply, p->len ? p->reply : "3@0 2@", p->len ? p->len : 6);
    return p->len ? p->len : 6;
}

/* One request from the front of the input, or false. */
static bool answer(struct peer *p)
{
    char reply[100];
    size_t used = 0, len;
    enum oracle_step step = oracle_step(p->in, p->in_len, &used, reply, &len);
    char *at = memchr(p->in, '@', p->in_len);

    if (step == ORACLE_MORE && p->eof && p->in_len > 0)
        step = ORACLE_BAD;
    if (has("payload-is-searched") && at && step == ORACLE_DONE && used > 3) {
        char *second = memchr(at + 1, '@', p->in_len - (size_t)(at + 1 - p->in));

        used = (size_t)(second + 1 - p->in);
        len = used - 2 - (size_t)(at - p->in) < 5 ? (size_t)sprintf(reply, "3@0 4@") : len;
    }
    if (step == ORACLE_MORE)
        return false;
    if (step == ORACLE_BAD) {
        p->last = true;
        used = p->in_len;
        len = (size_t)sprintf(reply, "3@0 5@");
        if (has("bad-frame"))
            len = 0;
    } else if (has("overflow-unchecked") && len == 6 && reply[4] == '3') {
        len = wrapped(p->in, used, reply);
    } else if (has("wrong-answer") && len > 2 && p->in[used - 2] == '7') {
        reply[2] = (char)(reply[2] ^ 1);
    }
    if (len > 0 && (has("records") || has("replays")))
        len = recall(p->in, used, reply, len);
    put(p, reply, len);
    memmove(p->in, p->in + used, p->in_len -= used);
    return true;
}

static bool is_full(const struct peer *p)
{
    return p->out_len - p->out_at > OUT_HIGH && !has("unbounded-output");
}

static void serve(struct peer *p)
{
    if (is_echo) {
        put(p, p->in, p->in_len);
        p->in_len = 0;
        return;
    }
    if (has("mixes-clients") && before && before != p && before->in_len > 0) {
        /* One buffer for all: what the other has begun stands before it. */
        memmove(p->in + before->in_len, p->in, p->in_len);
        memcpy(p->in, before->in, before->in_len);
        p->in_len += before->in_len;
        before->in_len = 0;
    }
    if (has("skips-nul")) /* strchr finds it, as if it were white space */
        while (p->in_len > 0 && strchr(" \t\r", p->in[0]))
            memmove(p->in, p->in + 1, --p->in_len);
    while (!is_full(p) && !p->last && answer(p) && !has("one-reply-a-read"))
        ;
    if (p->last)
        p->in_len = 0;
    before = p;
}

static void leave(struct peer *p)
{
    if (before == p)
        before = NULL;
    if (has("descriptors-leak"))
        epoll_ctl(epoll, EPOLL_CTL_DEL, p->fd, NULL);
    else
        close(p->fd);
    free(p->out);
    free(p);
    if (has("exits"))
        exit(3);
}

/* False when the client is gone. */
static bool fill(struct peer *p)
{
    size_t room = sizeof p->in - p->in_len, used, len;
    char reply[ORACLE_REPLY];
    ssize_t n;

    /* A whole request, whatever it takes. */
    while (has("blocking-read") && room > 0
           && oracle_step(p->in, p->in_len, &used, reply, &len) == ORACLE_MORE
           && recv(p->fd, p->in + p->in_len, 1, 0) == 1)
        p->in_len++, room--;
    if (has("small-buffer") && room > 1024 - p->in_len)
        room = 1024 - p->in_len;
    if (p->eof)
        return true;
    if (room == 0)
        return !has("small-buffer")
               || oracle_step(p->in, p->in_len, &used, reply, &len) != ORACLE_MORE;
    n = recv(p->fd, p->in + p->in_len, room, has("reads-unasked") ? 0 : MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN && !has("closes-at-eagain");
    if (n == 0)
        p->eof = !has("spins-after-fin");
    p->in_len += p->last ? 0 : (size_t)n;
    return true;
}

/* False when the client is gone. */
static bool flush(struct peer *p)
{
    size_t len = p->out_len - p->out_at;
    ssize_t n;

    if (len == 0)
        return true;
    n = send(p->fd, p->out + p->out_at, len,
             (has("blocking-send") ? 0 : MSG_DONTWAIT) | (has("sigpipe") ? 0 : MSG_NOSIGNAL));
    if (n < 0 && errno == EAGAIN)
        return !has("eagain-is-error");
    if (n < 0 && has("dies-of-reset"))
        exit(1);
    if (n < 0)
        return has("keeps-the-broken");
    p->out_at = has("short-write") ? p->out_len : p->out_at + (size_t)n;
    return true;
}

static unsigned wanted(const struct peer *p)
{
    bool owes = p->out_at < p->out_len;
    unsigned in = !p->eof && (!is_full(p) || has("spins-on-read-interest")) ? EPOLLIN : 0;

    if (has("interest-lost") && p->events && !(p->events & EPOLLIN))
        in = 0;
    if (has("keeps-the-broken") && owes)
        in = 0;
    if (has("spins-on-write-interest"))
        owes = true;
    if (has("interest-in-out-lost"))
        owes = false;
    if (has("half-close-unanswered"))
        in |= EPOLLRDHUP;
    return in | (owes ? (unsigned)EPOLLOUT : 0u) |
           (has("oneshot-not-rearmed") ? (unsigned)EPOLLONESHOT : 0u);
}

static void watch(struct peer *p, int operation)
{
    struct epoll_event e = { .events = wanted(p), .data.ptr = p };

    if (operation == EPOLL_CTL_MOD && (e.events == p->events || has("oneshot-not-rearmed")))
        return;
    p->events = e.events;
    epoll_ctl(epoll, operation, p->fd, &e);
}

static void turn(struct peer *p, unsigned events)
{
    bool alive = true;
    size_t left;

    if (has("half-close-unanswered") && events & EPOLLRDHUP) {
        leave(p);
        return;
    }
    if (has("slow"))
        usleep(600000);
    if (has("keeps-the-broken") && p->out_at < p->out_len)
        ; /* what is owed comes first, and never goes */
    else if (!is_full(p) || !has("spins-on-read-interest"))
        alive = fill(p);
    do {
        left = p->in_len;
        serve(p);
        alive = alive && flush(p);
    } while (alive && p->in_len < left && p->out_at == p->out_len
             && !has("one-reply-a-read"));
    if (p->last && p->out_at == p->out_len)
        shutdown(p->fd, SHUT_WR);
    if (has("closed-early") && p->answered && p->out_at == p->out_len)
        alive = false;
    if (!alive || (p->eof && has("lost-at-close"))
        || (p->eof && p->out_at == p->out_len && p->in_len == 0 && !has("no-end")))
        leave(p);
    else
        watch(p, EPOLL_CTL_MOD);
}

static void welcome(void)
{
    static int count;
    struct peer *p;
    int fd = accept(listener, NULL, NULL);
    struct epoll_event e = { 0 };

    for (int i = listener + 1; fd < 0 && has("emfile-closes-all") && i < 100; i++)
        shutdown(i, SHUT_RDWR); /* fails of what is no socket */
    if (fd < 0 && has("emfile-turns-away")) { /* the right way to say no */
        close(reserve);
        close(accept(listener, NULL, NULL));
        reserve = open("/dev/null", O_RDONLY);
        return;
    }
    if (fd < 0 && has("emfile-ends-it"))
        exit(1);
    if (fd < 0 && has("emfile-spin"))
        return;
    if (fd < 0 && has("listens-when-quiet")) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, listener, NULL);
        pause_ms = 100;
        return;
    }
    if (fd < 0) { /* look again in a moment */
        usleep(50000);
        return;
    }
    if (has("few-clients") && fd > 20) {
        close(fd);
        return;
    }
    if (has("killed") && ++count == 3)
        abort();
    p = calloc(1, sizeof *p);
    p->fd = fd;
    p->events = e.events = wanted(p);
    e.data.ptr = p;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    if (has("closes-at-eagain") || has("reads-unasked")) /* as after an old revents */
        turn(p, EPOLLIN);
    if (has("one-client-only"))
        close(listener);
}

/* Cheats and worse, which need no other loop. */
static void misbehave(void)
{
    static char last[4096] = "6@1244 0@";
    size_t len = 9;

    while (has("says-nothing") || has("sleeps"))
        pause();
    while (has("one-by-one")) { /* its queue is short, besides */
        int fd = accept(listener, NULL, NULL);
        ssize_t n;

        while ((n = recv(fd, last, sizeof last, 0)) > 0)
            send(fd, last, (size_t)n, MSG_NOSIGNAL);
        close(fd);
    }
    while (has("fixed-reply") || has("reply-before")) {
        char in[4096];
        int fd = accept(listener, NULL, NULL);
        ssize_t n = recv(fd, in, sizeof in, 0);

        if (n > 0) {
            send(fd, last, len, MSG_NOSIGNAL);
            if (has("reply-before"))
                memcpy(last, in, len = (size_t)n);
        }
        close(fd);
    }
}

static void start(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    struct epoll_event e = { .events = EPOLLIN };
    int one = 1;

    if (has("exits-at-once"))
        exit(puts("no configuration file") < 0);
    if (has("never-binds"))
        pause();
    if (has("background") && (fork() > 0 || setsid() < 0))
        exit(0);
    if (has("late"))
        sleep(3);
    a.sin_port = has("binds-another-port") ? (in_port_t)port : htons((in_port_t)port);
    if (has("ignores-its-port"))
        a.sin_port = 0; /* as one in the source would be, but free */
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (!has("no-reuse"))
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, has("one-by-one") ? 5 : 64) < 0) {
        perror("wrong: bind");
        exit(1);
    }
    misbehave();
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    reserve = open("/dev/null", O_RDONLY);
    e.data.ptr = &awake; /* a wakeup whose counter nobody reads */
    if (has("spins"))
        epoll_ctl(epoll, EPOLL_CTL_ADD, eventfd(1, 0), &e);
}

int main(int argc, char *argv[])
{
    struct epoll_event events[BATCH], again = { .events = EPOLLIN };

    if (argc != 4) {
        fputs("usage: wrong FAULT calc|echo PORT\n", stderr);
        return 2;
    }
    fault = argv[1];
    is_echo = !strcmp(argv[2], "echo");
    start(atoi(argv[3]));
    for (;;) {
        int n = epoll_wait(epoll, events, BATCH, pause_ms);

        if (n < 0 && has("dies-of-eintr"))
            return 1;
        if (n == 0) {
            epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &again);
            pause_ms = -1;
        }
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr == &awake)
                continue;
            else if (events[i].data.ptr)
                turn(events[i].data.ptr, events[i].events);
            else
                welcome();
    }
}
