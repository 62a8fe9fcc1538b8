#define _GNU_SOURCE
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn *conn_open(struct shared *sh, int fd)
{
    struct conn *c = calloc(1, sizeof *c);

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->fd = fd;
    c->may_read = UINT32_MAX;
    link_init(&c->ready);
    link_init(&c->timer.link);
    clock_start(&sh->clock, &c->timer, CLOCK_QUIET);
    sh->ledger.accepted++;
    if (++sh->ledger.now > sh->ledger.peak)
        sh->ledger.peak = sh->ledger.now;
    narrate_open(&sh->narrator, fd);
    return c;
}

void conn_refuse(struct shared *sh, int fd)
{
    char refusal[SERVICE_REFUSAL_MAX];
    size_t size = service_refusal(sh->service, refusal);
    ssize_t n;

    sh->ledger.refused++;
    narrate_refuse(&sh->narrator, fd);
    if (size > 0) {
        n = send(fd, refusal, size, MSG_NOSIGNAL);
        sh->ledger.write_calls++;
        sh->ledger.bytes_out += n > 0 ? (uint64_t)n : 0;
    }
    n = recv(fd, sh->spare.in, sizeof sh->spare.in, 0);
    sh->ledger.read_calls++;
    sh->ledger.bytes_in += n > 0 ? (uint64_t)n : 0;
    sh->ledger.would_block += n < 0 && errno == EAGAIN;
    close(fd);
}

void conn_close(struct conn *c, struct shared *sh)
{
    static const char *const causes[] = {
        [CONN_OPEN]      = "the server stops",
        [CONN_BY_PEER]   = "the peer finished",
        [CONN_BY_SERVER] = "we finished",
        [CONN_RESET]     = "reset or error",
        [CONN_TIMED_OUT] = "its clock expired"
    };

    switch ((enum conn_cause)c->cause) {
    case CONN_BY_PEER:   sh->ledger.closed_by_peer++; break;
    case CONN_OPEN:
    case CONN_BY_SERVER: sh->ledger.closed_by_server++; break;
    case CONN_RESET:     sh->ledger.resets++; break;
    case CONN_TIMED_OUT: sh->ledger.timed_out++; break;
    }
    sh->ledger.now--;
    narrate_close(&sh->narrator, c->fd, causes[c->cause]);
    close(c->fd);
    /* A descriptor is free: whoever waits in the backlog for one need wait no longer. */
    if (clock_alarm_set(&sh->clock, CLOCK_ACCEPT))
        clock_set_alarm(&sh->clock, CLOCK_ACCEPT, 0);
    link_remove(&c->timer.link);
    link_remove(&c->ready);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c);
}

/* What a recv that brought nothing means. */
static SELDOM enum io nothing_came(struct conn *c, struct shared *sh, ssize_t n)
{
    c->more = false;
    if (n == 0) {
        c->eof = true;
        return IO_END;
    }
    if (errno == EAGAIN) {
        sh->ledger.would_block++;
        return IO_AGAIN;
    }
    c->cause = CONN_RESET;
    return IO_ERROR;
}

enum io conn_fill(struct conn *c, struct shared *sh)
{
    struct buffer *in = &c->in;
    uint32_t want;
    ssize_t n;

    buffer_borrow(in, sh->spare.in, &sh->spare);
    want = BUFFER_IN - in->end;
    if (want > sh->read_size)
        want = sh->read_size;
    if (want > c->may_read && !c->last)
        want = c->may_read;
    do {
        n = recv(c->fd, in->data + in->end, want, 0);
        sh->ledger.read_calls++;
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return nothing_came(c, sh, n);

    sh->ledger.bytes_in += (uint64_t)n;
    if (c->last) {    /* after the last request, bytes are thrown away */
        c->more = false;
        return n == (ssize_t)want ? IO_FULL : IO_SHORT;
    }
    in->end += (uint32_t)n;
    if (c->may_read != UINT32_MAX)
        c->may_read -= (uint32_t)n;
    c->moved = true;
    c->more = n == (ssize_t)want;
    return c->more ? IO_FULL : IO_SHORT;
}

void conn_serve(struct conn *c, struct shared *sh)
{
    uint32_t before = buffer_length(&c->in);

    if (c->cause != CONN_OPEN || c->last || buffer_length(&c->out) > 0)
        return;
    if (before > 0) {
        c->out = (struct buffer){ .data = sh->spare.out };
        c->progress = (unsigned char)service_serve(sh->service, &c->in, &c->out,
                                                   &sh->ledger,
                                                   sh->clock.now - sh->born);
        c->fresh = c->fresh || buffer_length(&c->in) < before;
    }
    if (c->progress == SERVICE_CROWDED)
        return;
    if (c->progress == SERVICE_BEGUN && c->eof) {
        service_cut(sh->service, &c->out, &sh->ledger);
        c->progress = SERVICE_LAST;
    }
    if (c->progress == SERVICE_LAST || c->may_read == 0) {
        c->last = true;
        c->in.start = c->in.end;
    }
}

/* Everything is sent, and the peer or we have no more to say. */
static SELDOM void part(struct conn *c, struct shared *sh)
{
    if (c->eof) {
        c->cause = c->last ? CONN_BY_SERVER : CONN_BY_PEER;
    } else if (!c->fin) {
        if (shutdown(c->fd, SHUT_WR) < 0)
            c->cause = CONN_RESET;
        c->fin = sh->narrator.fin = true;
    }
}

enum io conn_flush(struct conn *c, struct shared *sh)
{
    struct buffer *out = &c->out;
    ssize_t n;

    if (c->cause != CONN_OPEN)
        return IO_ERROR;
    if (buffer_length(out) > 0) {
        do {
            n = send(c->fd, out->data + out->start, buffer_length(out), MSG_NOSIGNAL);
            sh->ledger.write_calls++;
        } while (n < 0 && errno == EINTR);
        if (n > 0) {
            sh->ledger.bytes_out += (uint64_t)n;
            out->start += (uint32_t)n;
            c->moved = true;
        } else if (errno == EAGAIN) {
            sh->ledger.would_block++;
        } else {
            c->cause = CONN_RESET;
            return IO_ERROR;
        }
        /* Now, not at the end of the turn: the spare memory may be wanted once more. */
        if (!buffer_keep(out, &sh->spare)) {
            c->cause = CONN_RESET;
            return IO_ERROR;
        }
        if (buffer_length(out) > 0)
            return n > 0 ? IO_SHORT : IO_AGAIN;
    }
    if (c->eof || c->last)    /* then nothing is crowded: conn_wants_read, conn_serve */
        part(c, sh);
    return IO_FULL;
}

/* The one clock that runs for a connection in this state. */
static enum clock_kind clock_of(const struct conn *c)
{
    if (c->fin)
        return CLOCK_LEAVING;
    if (c->progress == SERVICE_BEGUN && buffer_length(&c->out) == 0)
        return CLOCK_REQUEST;
    return CLOCK_QUIET;
}

void conn_settle(struct conn *c, struct shared *sh)
{
    enum clock_kind kind = clock_of(c);
    bool in_kept = buffer_keep(&c->in, &sh->spare);
    bool out_kept = buffer_keep(&c->out, &sh->spare);

    if (!in_kept || !out_kept)
        c->cause = CONN_RESET;
    if (kind != c->timer.kind || (kind == CLOCK_QUIET && c->moved)
        || (kind == CLOCK_REQUEST && c->fresh)) {
        clock_start(&sh->clock, &c->timer, kind);
        c->late = false;
    }
    c->moved = c->fresh = false;
    if (sh->narrator.level > 1)
        narrate_wants(&sh->narrator, conn_wants_read(c), conn_wants_write(c));
}

void conn_stop(struct conn *c)
{
    int unread;

    c->may_read = ioctl(c->fd, FIONREAD, &unread) == 0 ? (uint32_t)unread : 0;
}

bool conn_expire(struct conn *c)
{
    if (!c->late || (c->more && conn_wants_read(c))) {
        c->late = true;
        return false;
    }
    c->cause = c->fin ? CONN_BY_SERVER : CONN_TIMED_OUT;
    return true;
}
