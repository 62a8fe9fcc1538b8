#define _GNU_SOURCE
#include "narrate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net.h"

enum { CLAUSE_MAX = 256 };    /* no call of say writes more */

void narrate_init(struct narrator *n, int level, const struct ledger *ledger,
                  const char *wait, bool scans)
{
    *n = (struct narrator){ .level = level, .ledger = ledger, .wait = wait,
                            .scans = scans };
}

static void write_out(struct narrator *n)
{
    size_t done = 0;

    while (done < n->size) {
        ssize_t written = write(STDERR_FILENO, n->text + done, n->size - done);

        if (written > 0)
            done += (size_t)written;
        else if (errno != EINTR)
            break;    /* a story that cannot be told is no reason to stop serving */
    }
    n->size = 0;
}

static void __attribute__((format(printf, 2, 3)))
say(struct narrator *n, const char *format, ...)
{
    va_list arguments;
    int added;

    if (n->size > NARRATE_TEXT - CLAUSE_MAX)
        write_out(n);
    va_start(arguments, format);
    added = vsnprintf(n->text + n->size, CLAUSE_MAX, format, arguments);
    va_end(arguments);
    n->size += (size_t)(added < CLAUSE_MAX ? added : CLAUSE_MAX - 1);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* One clause: "answered 3 requests", if there is anything to tell. */
static void clause(struct narrator *n, const char **mark, const char *verb, uint64_t more,
                   const char *noun)
{
    if (more == 0)
        return;
    say(n, "%s %s %" PRIu64 " %s%s", *mark, verb, more, noun, plural(more));
    *mark = ",";
}

/* End the sentence with what has been done since it began. */
static void finish_sentence(struct narrator *n)
{
    const struct ledger *now = n->ledger, *then = &n->sentence;
    const char *mark = ":";

    if (!n->sentence_open)
        return;
    say(n, "  fd %d", n->fd);
    if (n->ready[0] != '\0')
        say(n, " [%s]", n->ready);
    if (n->about[0] != '\0')
        say(n, ", %s", n->about);
    clause(n, &mark, "accepted", now->accepted - then->accepted, "client");
    clause(n, &mark, "refused", now->refused - then->refused, "client");
    clause(n, &mark, "received", now->bytes_in - then->bytes_in, "byte");
    clause(n, &mark, "answered", now->requests - then->requests, "request");
    clause(n, &mark, "answered", now->bad_frames - then->bad_frames, "bad frame");
    clause(n, &mark, "sent", now->bytes_out - then->bytes_out, "byte");
    clause(n, &mark, "met EAGAIN", now->would_block - then->would_block, "time");
    clause(n, &mark, "made", now->interest_calls - then->interest_calls,
           "epoll_ctl call");
    if (n->fin) {
        say(n, "%s sent our FIN", mark);
        mark = ",";
    }
    if (n->cause != NULL)
        say(n, "%s closed (%s)", mark, n->cause);
    else if (n->wants != NULL)
        say(n, "; waits to %s", n->wants);
    say(n, ".\n");
    n->sentence_open = n->fin = false;
    n->cause = n->wants = NULL;
}

void narrate_wakeup(struct narrator *n, uint64_t described, int reported)
{
    if (n->level < 2)
        return;
    n->block_open = true;
    n->scanned = n->ledger->scanned;
    say(n, "wakeup %" PRIu64 ": described %" PRIu64 " descriptor%s to %s; ",
        n->ledger->waits, described, plural(described), n->wait);
    if (reported > 0)
        say(n, "it reported %d ready.\n", reported);
    else if (reported == 0)
        say(n, "nothing was ready.\n");
    else if (errno == EINTR)
        say(n, "a signal interrupted it.\n");
    else
        say(n, "it failed: %s.\n", strerror(errno));
}

void narrate_turn(struct narrator *n, const char *about, int fd, const char *ready)
{
    if (n->level < 2)
        return;
    finish_sentence(n);
    n->sentence_open = true;
    n->sentence = *n->ledger;
    n->fd = fd;
    n->about = about;
    snprintf(n->ready, sizeof n->ready, "%s", ready);
}

void narrate_event(struct narrator *n, int fd, uint32_t bits)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        { EPOLLIN, "IN" }, { EPOLLOUT, "OUT" }, { EPOLLPRI, "PRI" },
        { EPOLLRDHUP, "RDHUP" }, { EPOLLHUP, "HUP" }, { EPOLLERR, "ERR" }
    };
    char ready[sizeof "IN OUT PRI RDHUP HUP ERR"] = "";

    if (n->level < 2)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bits & names[i].bit) {
            if (ready[0] != '\0')
                strcat(ready, " ");
            strcat(ready, names[i].name);
        }
    narrate_turn(n, "", fd, ready);
}

void narrate_fin(struct narrator *n)
{
    n->fin = n->level > 1;
}

void narrate_wants(struct narrator *n, bool to_read, bool to_write)
{
    if (n->level > 1)
        n->wants = to_read ? (to_write ? "read and to write" : "read")
                           : (to_write ? "write" : NULL);
}

void narrate_rest(struct narrator *n)
{
    uint64_t scanned = n->ledger->scanned - n->scanned;

    if (n->level < 2)
        return;
    finish_sentence(n);
    if (!n->block_open)
        return;
    if (n->scans)
        say(n, "  Scanned %" PRIu64 " slot%s to find what is ready.\n", scanned,
            plural(scanned));
    else
        say(n, "  Scanned nothing: the kernel names what is ready.\n");
    write_out(n);
    n->block_open = false;
}

/* A line about a connection: alone, or within a block. */
static void say_line(struct narrator *n, int fd, const char *what, const char *detail)
{
    if (n->level > 1)
        say(n, "  fd %d: %s%s.\n", fd, what, detail);
    else
        say(n, "%s: fd %d: %s%s.\n", n->ledger->server, fd, what, detail);
    if (!n->block_open)
        write_out(n);
}

/* A peer that has gone already has no name. */
static const char *peer_name(int fd, char *name)
{
    return net_name_peer(fd, name) != NULL ? name : "a client";
}

static const char *clients_now(const struct narrator *n, char *to)
{
    sprintf(to, "; %" PRIu64 " client%s now", n->ledger->now, plural(n->ledger->now));
    return to;
}

void narrate_open(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX], now[64], what[CLAUSE_MAX];

    if (n->level == 0)
        return;
    snprintf(what, sizeof what, "%s connected", peer_name(fd, name));
    say_line(n, fd, what, clients_now(n, now));
}

void narrate_refuse(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX];

    if (n->level > 0)
        say_line(n, fd, peer_name(fd, name), " refused, one client too many");
}

void narrate_close(struct narrator *n, int fd, const char *cause)
{
    char now[64], what[CLAUSE_MAX];

    if (n->level == 0)
        return;
    if (n->sentence_open && n->fd == fd) {
        n->cause = cause;
        return;
    }
    snprintf(what, sizeof what, "closed (%s)", cause);
    say_line(n, fd, what, clients_now(n, now));
}
