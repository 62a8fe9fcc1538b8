#define _GNU_SOURCE
#include "narrate.h"

#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>

#include "net.h"

void narrate_init(struct narrator *n, int level, const struct ledger *ledger)
{
    *n = (struct narrator){ .level = level, .ledger = ledger };
    if (level > 0)
        setvbuf(stderr, NULL, level > 1 ? _IOFBF : _IOLBF, BUFSIZ);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* One clause: "answered 3 requests", if there is anything to tell. */
static void clause(int *clauses, const char *verb, uint64_t more, const char *noun)
{
    if (more > 0)
        fprintf(stderr, "%s %s %" PRIu64 " %s%s", (*clauses)++ ? "," : ":", verb, more,
                noun, plural(more));
}

static void print_bits(const struct narrator *n)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {
        { EPOLLIN, "IN" }, { EPOLLOUT, "OUT" }, { EPOLLPRI, "PRI" },
        { EPOLLRDHUP, "RDHUP" }, { EPOLLHUP, "HUP" }, { EPOLLERR, "ERR" }
    };
    const char *separator = " [";

    if (n->bits == 0)
        return;
    /* select has no bits: it says in which of the sets a descriptor still is. */
    if (strcmp(n->ledger->mechanism, "select") == 0) {
        fprintf(stderr, " [%s%s%s]", n->bits & NARRATE_READ ? "read set" : "",
                n->bits == (NARRATE_READ | NARRATE_WRITE) ? ", " : "",
                n->bits & NARRATE_WRITE ? "write set" : "");
        return;
    }
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (n->bits & bits[i].bit) {
            fprintf(stderr, "%s%s", separator, bits[i].name);
            separator = " ";
        }
    fputs("]", stderr);
}

/* End the sentence with what has been done since it began. */
static void finish_sentence(struct narrator *n)
{
    const struct ledger *now = n->ledger, *then = &n->sentence;
    int clauses = 0;

    if (n->about == NULL)
        return;
    fprintf(stderr, "  fd %d", n->fd);
    print_bits(n);
    fprintf(stderr, "%s%s", n->about[0] ? ", " : "", n->about);
    clause(&clauses, "accepted", now->accepted - then->accepted, "client");
    clause(&clauses, "refused", now->refused - then->refused, "client");
    clause(&clauses, "received", now->bytes_in - then->bytes_in, "byte");
    clause(&clauses, "answered", now->requests - then->requests, "request");
    clause(&clauses, "answered", now->bad_frames - then->bad_frames, "bad frame");
    clause(&clauses, "sent", now->bytes_out - then->bytes_out, "byte");
    clause(&clauses, "met EAGAIN", now->would_block - then->would_block, "time");
    clause(&clauses, "made", now->interest_calls - then->interest_calls,
           "epoll_ctl call");
    if (n->fin)
        fprintf(stderr, "%s sent our FIN", clauses++ ? "," : ":");
    if (n->cause != NULL)
        fprintf(stderr, "%s closed (%s)", clauses++ ? "," : ":", n->cause);
    else if (n->wants != 0)
        fprintf(stderr, "; waits to %s%s%s", n->wants & NARRATE_READ ? "read" : "",
                n->wants == (NARRATE_READ | NARRATE_WRITE) ? " and to " : "",
                n->wants & NARRATE_WRITE ? "write" : "");
    fputs(".\n", stderr);
    n->about = n->cause = NULL;
    n->fin = false;
    n->wants = 0;
}

void narrate_wakeup_now(struct narrator *n, const char *call, uint64_t described,
                        int reported)
{
    n->call = call;
    n->block = *n->ledger;
    fprintf(stderr, "wakeup %" PRIu64 ": described %" PRIu64 " descriptor%s to %s; ",
            n->ledger->waits, described, plural(described), call);
    if (reported > 0)
        fprintf(stderr, "it reported %d ready.\n", reported);
    else
        fputs(reported == 0 ? "nothing was ready.\n" : "a signal broke it off.\n", stderr);
}

void narrate_turn_now(struct narrator *n, const char *about, int fd, uint32_t bits)
{
    finish_sentence(n);
    n->about = about;
    n->fd = fd;
    n->bits = bits;
    n->sentence = *n->ledger;
}

void narrate_rest_now(struct narrator *n)
{
    uint64_t scanned = n->ledger->scanned - n->block.scanned;

    finish_sentence(n);
    if (n->call == NULL)
        return;
    if (strncmp(n->ledger->mechanism, "epoll", 5) == 0)
        fputs("  Scanned nothing: the kernel names what is ready.\n", stderr);
    else
        fprintf(stderr, "  Scanned %" PRIu64 " slot%s to find what is ready.\n", scanned,
                plural(scanned));
    fflush(stderr);
    n->call = NULL;
}

/* A peer that has gone already has no name. */
static const char *peer_name(int fd, char *name)
{
    return net_name_peer(fd, name) != NULL ? name : "a client";
}

/* Begin a line about a connection: alone, or within a block. */
static void begin_line(const struct narrator *n, int fd)
{
    if (n->level > 1)
        fprintf(stderr, "  fd %d: ", fd);
    else
        fprintf(stderr, "%s: fd %d: ", n->ledger->server, fd);
}

void narrate_open(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX];

    if (n->level == 0)
        return;
    begin_line(n, fd);
    fprintf(stderr, "%s connected; %" PRIu64 " client%s now.\n",
            peer_name(fd, name), n->ledger->now, plural(n->ledger->now));
}

void narrate_refuse(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX];

    if (n->level == 0)
        return;
    begin_line(n, fd);
    fprintf(stderr, "%s refused, one client too many.\n", peer_name(fd, name));
}

void narrate_close(struct narrator *n, int fd, const char *cause)
{
    if (n->level == 0)
        return;
    if (n->about != NULL && n->fd == fd) {
        n->cause = cause;
        return;
    }
    begin_line(n, fd);
    fprintf(stderr, "closed (%s); %" PRIu64 " client%s now.\n", cause, n->ledger->now,
            plural(n->ledger->now));
}
