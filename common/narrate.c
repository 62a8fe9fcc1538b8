#define _GNU_SOURCE
#include "narrate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net.h"

void narrate_init(struct narrator *n, int level, const struct ledger *ledger,
                  const char *wait, bool scans)
{
    *n = (struct narrator){ .ledger = ledger, .wait = wait, .scans = scans };
    if (level > 0 && (n->to = fdopen(STDERR_FILENO, "w")) != NULL) {
        setvbuf(n->to, NULL, _IOFBF, BUFSIZ);
        n->level = level;
    }
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
    fprintf(n->to, "%s %s %" PRIu64 " %s%s", *mark, verb, more, noun, plural(more));
    *mark = ",";
}

/* End the sentence with what has been done since it began. */
static void finish_sentence(struct narrator *n)
{
    const struct ledger *now = n->ledger, *then = &n->sentence;
    const char *mark = ":";

    if (!n->sentence_open)
        return;
    fprintf(n->to, "  fd %d", n->fd);
    if (n->ready[0] != '\0')
        fprintf(n->to, " [%s]", n->ready);
    if (n->about[0] != '\0')
        fprintf(n->to, ", %s", n->about);
    clause(n, &mark, "accepted", now->accepted - then->accepted, "client");
    clause(n, &mark, "refused", now->refused - then->refused, "client");
    clause(n, &mark, "received", now->bytes_in - then->bytes_in, "byte");
    clause(n, &mark, "answered", now->requests - then->requests, "request");
    clause(n, &mark, "answered", now->bad_frames - then->bad_frames, "bad frame");
    clause(n, &mark, "sent", now->bytes_out - then->bytes_out, "byte");
    clause(n, &mark, "met EAGAIN", now->would_block - then->would_block, "time");
    clause(n, &mark, "made", now->interest_calls - then->interest_calls,
           "epoll_ctl call");
    if (n->fin)
        fprintf(n->to, "%s sent our FIN", mark);
    if (n->cause != NULL)
        fprintf(n->to, "%s closed (%s)", n->fin ? "," : mark, n->cause);
    else if (n->wants != NULL)
        fprintf(n->to, "; waits to %s", n->wants);
    fputs(".\n", n->to);
    n->sentence_open = n->fin = false;
    n->cause = n->wants = NULL;
}

void narrate_wakeup(struct narrator *n, uint64_t described, int reported)
{
    int error = errno;

    if (n->level < 2)
        return;
    n->block_open = true;
    n->scanned = n->ledger->scanned;
    fprintf(n->to, "wakeup %" PRIu64 ": described %" PRIu64 " descriptor%s to %s; ",
            n->ledger->waits, described, plural(described), n->wait);
    if (reported > 0)
        fprintf(n->to, "it reported %d ready.\n", reported);
    else if (reported == 0)
        fputs("nothing was ready.\n", n->to);
    else if (error == EINTR)
        fputs("a signal interrupted it.\n", n->to);
    else
        fprintf(n->to, "it failed: %s.\n", strerror(error));
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
        { EPOLLIN, " IN" }, { EPOLLOUT, " OUT" }, { EPOLLPRI, " PRI" },
        { EPOLLRDHUP, " RDHUP" }, { EPOLLHUP, " HUP" }, { EPOLLERR, " ERR" }
    };
    char ready[sizeof " IN OUT PRI RDHUP HUP ERR"] = "";

    if (n->level < 2)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bits & names[i].bit)
            strcat(ready, names[i].name);
    narrate_turn(n, "", fd, ready[0] != '\0' ? ready + 1 : "");
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
        fprintf(n->to, "  Scanned %" PRIu64 " slot%s to find what is ready.\n", scanned,
                plural(scanned));
    else
        fputs("  Scanned nothing: the kernel names what is ready.\n", n->to);
    fflush(n->to);
    n->block_open = false;
}

/* A line about a connection: alone, or within a block. */
static void tell(struct narrator *n, int fd, const char *what, const char *detail,
                 bool count)
{
    uint64_t now = n->ledger->now;

    if (n->level == 1)
        fprintf(n->to, "%s: fd %d: %s%s", n->ledger->server, fd, what, detail);
    else
        fprintf(n->to, "  fd %d: %s%s", fd, what, detail);
    if (count)
        fprintf(n->to, "; %" PRIu64 " client%s now", now, plural(now));
    fputs(".\n", n->to);
    if (!n->block_open)
        fflush(n->to);
}

/* A client that has gone already has no name. */
static const char *peer_name(int fd, char *name)
{
    return net_name(fd, getpeername, name) != NULL ? name : "a client";
}

void narrate_open(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX];

    if (n->level > 0)
        tell(n, fd, peer_name(fd, name), " connected", true);
}

void narrate_refuse(struct narrator *n, int fd)
{
    char name[NET_NAME_MAX];

    if (n->level > 0)
        tell(n, fd, peer_name(fd, name), " refused, one client too many", false);
}

void narrate_close(struct narrator *n, int fd, const char *cause)
{
    if (n->level > 1 && n->sentence_open && n->fd == fd) {
        n->cause = cause;
    } else if (n->level > 0) {
        char text[64];

        snprintf(text, sizeof text, "closed (%s)", cause);
        tell(n, fd, text, "", true);
    }
}
