#define _GNU_SOURCE
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn *conn_open(struct loop *l, int fd)
{
    struct conn *c = calloc(1, sizeof *c);

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->fd = fd;
    c->read_left = UINT32_MAX;
    link_init(&c->ready);
    link_init(&c->timer.link);
    clock_start(&l->clock, &c->timer, CLOCK_QUIET);
    l->ledger.accepted++;
    if (++l->ledger.now > l->ledger.peak)
        l->ledger.peak = l->ledger.now;
    narrate_open(&l->narrator, fd);
    return c;
}

void conn_refuse(struct loop *l, int fd)
{
    char refusal[SERVICE_REFUSAL_MAX];
    size_t size = service_refusal(l->service, refusal);
    ssize_t n;

    l->ledger.refused++;
    narrate_refuse(&l->narrator, fd);
    if (size > 0) {
        n = send(fd, refusal, size, MSG_NOSIGNAL);
        l->ledger.write_calls++;
        l->ledger.bytes_out += n > 0 ? (uint64_t)n : 0;
    }
    n = recv(fd, l->work.in, sizeof l->work.in, 0);
    l->ledger.read_calls++;
    l->ledger.bytes_in += n > 0 ? (uint64_t)n : 0;
    l->ledger.would_block += n < 0 && errno == EAGAIN;
    close(fd);
}

void conn_close(struct conn *c, struct loop *l)
{
    static const char *const causes[] = {
        [CONN_STOPPED]   = "the server stops",
        [CONN_BY_PEER]   = "the peer finished",
        [CONN_BY_SERVER] = "we finished",
        [CONN_RESET]     = "reset or error",
        [CONN_TIMED_OUT] = "its clock expired"
    };

    switch ((enum conn_cause)c->cause) {
    case CONN_BY_PEER:   l->ledger.closed_by_peer++; break;
    case CONN_STOPPED:
    case CONN_BY_SERVER: l->ledger.closed_by_server++; break;
    case CONN_RESET:     l->ledger.resets++; break;
    case CONN_TIMED_OUT: l->ledger.timed_out++; break;
    }
    l->ledger.now--;
    narrate_close(&l->narrator, c->fd, causes[c->cause]);
    close(c->fd);
    /* A descriptor is free, so a pause of accepting for want of one is over. */
    if (clock_alarm_pending(&l->clock, CLOCK_ACCEPT_PAUSE))
        clock_set_alarm(&l->clock, CLOCK_ACCEPT_PAUSE, 0);
    link_remove(&c->timer.link);
    link_remove(&c->ready);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c);
}

void conn_fail(struct conn *c)
{
    c->state = CONN_CLOSED;
    c->cause = CONN_RESET;
}

/* The peer's FIN was read.  If our FIN is sent too, the connection is over. */
static void hear_fin(struct conn *c)
{
    if (c->state == CONN_OPEN)
        c->cause = CONN_BY_PEER;
    c->state = c->state == CONN_LEAVING ? CONN_CLOSED : CONN_ENDING;
}

enum io conn_fill(struct conn *c, struct loop *l)
{
    struct buffer *in = &c->in;
    uint32_t want;
    ssize_t n;

    buffer_borrow(in, l->work.in, &l->work);
    want = BUFFER_IN - in->end;
    if (want > l->read_size)
        want = l->read_size;
    if (want > c->read_left && c->state == CONN_OPEN)
        want = c->read_left;
    do {
        n = recv(c->fd, in->data + in->end, want, 0);
        l->ledger.read_calls++;
    } while (n < 0 && errno == EINTR);

    c->filled = n == (ssize_t)want && c->state == CONN_OPEN;
    if (n < 0 && errno == EAGAIN) {
        l->ledger.would_block++;
        return IO_AGAIN;
    }
    if (n < 0) {
        conn_fail(c);
        return IO_ERROR;
    }
    if (n == 0) {
        hear_fin(c);
        return IO_END;
    }
    l->ledger.bytes_in += (uint64_t)n;
    if (c->state == CONN_OPEN) {    /* else the bytes are thrown away */
        in->end += (uint32_t)n;
        if (c->read_left != UINT32_MAX)
            c->read_left -= (uint32_t)n;
        c->moved = true;
    }
    return n == (ssize_t)want ? IO_ALL : IO_PART;
}

/* No byte that comes in from now on is answered. */
static void begin_farewell(struct conn *c)
{
    c->state = CONN_FAREWELL;
    c->cause = CONN_BY_SERVER;
    c->in.start = c->in.end;
}

void conn_serve(struct conn *c, struct loop *l)
{
    uint32_t before = buffer_length(&c->in);

    if (buffer_length(&c->out) > 0)
        return;
    if (c->state == CONN_OPEN && before > 0) {
        c->out = (struct buffer){ .data = l->work.out };
        c->progress = (unsigned char)service_serve(l->service, &c->in, &c->out,
                                                   &l->ledger);
        c->consumed = c->consumed || buffer_length(&c->in) < before;
    }
    if (c->state == CONN_OPEN
        && (c->progress == SERVICE_LAST
            || (c->read_left == 0 && c->progress != SERVICE_NO_ROOM)))
        begin_farewell(c);
    if (c->state == CONN_ENDING && c->progress == SERVICE_BEGUN) {
        c->out = (struct buffer){ .data = l->work.out };
        service_cut(l->service, &c->out, &l->ledger);
        c->progress = SERVICE_LAST;
        c->cause = CONN_BY_SERVER;    /* it broke the protocol */
    }
}

/* Everything is sent.  An ending connection owes no more replies: while it was paused we did
 * not read, so its FIN was read only when all requests before it were answered. */
static void take_leave(struct conn *c, struct loop *l)
{
    if (c->state == CONN_ENDING) {
        c->state = CONN_CLOSED;
    } else if (shutdown(c->fd, SHUT_WR) < 0) {
        conn_fail(c);
    } else {
        c->state = CONN_LEAVING;
        narrate_fin(&l->narrator);
    }
}

enum io conn_flush(struct conn *c, struct loop *l)
{
    struct buffer *out = &c->out;
    ssize_t n;

    if (c->state == CONN_CLOSED)
        return IO_ERROR;
    if (buffer_length(out) > 0) {
        do {
            n = send(c->fd, out->data + out->start, buffer_length(out), MSG_NOSIGNAL);
            l->ledger.write_calls++;
        } while (n < 0 && errno == EINTR);
        if (n > 0) {
            l->ledger.bytes_out += (uint64_t)n;
            out->start += (uint32_t)n;
            c->moved = true;
        } else if (errno == EAGAIN) {
            l->ledger.would_block++;
        } else {
            conn_fail(c);
            return IO_ERROR;
        }
        /* Now, not at the end of the turn: this turn may need the workspace again. */
        if (!buffer_keep(out, &l->work)) {
            conn_fail(c);
            return IO_ERROR;
        }
        if (buffer_length(out) > 0)
            return n > 0 ? IO_PART : IO_AGAIN;
    }
    if (c->state == CONN_ENDING || c->state == CONN_FAREWELL)
        take_leave(c, l);
    return IO_ALL;
}

/* The one clock that runs for a connection in this state.  A farewell is quiet: it waits for
 * the peer to take the last replies. */
static enum clock_kind clock_of(const struct conn *c)
{
    if (c->state == CONN_LEAVING)
        return CLOCK_LEAVING;
    if (c->progress == SERVICE_BEGUN && buffer_length(&c->out) == 0)
        return CLOCK_REQUEST;
    return CLOCK_QUIET;
}

void conn_settle(struct conn *c, struct loop *l)
{
    enum clock_kind kind = clock_of(c);
    bool in_kept = buffer_keep(&c->in, &l->work);
    bool out_kept = buffer_keep(&c->out, &l->work);

    if (!in_kept || !out_kept)
        conn_fail(c);
    if (kind != c->timer.kind || (kind == CLOCK_QUIET && c->moved)
        || (kind == CLOCK_REQUEST && c->consumed)) {
        clock_start(&l->clock, &c->timer, kind);
        c->overdue = false;
    }
    c->moved = c->consumed = false;
    narrate_wants(&l->narrator, conn_wants_read(c), conn_wants_write(c));
}

/* How many bytes can recv still give us?  All that are in the socket, without an urgent byte:
 * recv passes over it.  FIONREAD counts up to the urgent byte; with SO_OOBINLINE it counts
 * all, and the urgent byte too. */
void conn_stop(struct conn *c)
{
    const int on = 1, off = 0;
    int to_mark = 0, all = 0;

    ioctl(c->fd, FIONREAD, &to_mark);
    setsockopt(c->fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    ioctl(c->fd, FIONREAD, &all);
    setsockopt(c->fd, SOL_SOCKET, SO_OOBINLINE, &off, sizeof off);
    c->read_left = (uint32_t)(all - (all > to_mark));
}

static struct conn *conn_of_timer(struct timer *t)
{
    return t != NULL ? LINK_OWNER(t, struct conn, timer) : NULL;
}

/* A client whose last recv was full gets further turns, because more bytes may be there. */
struct conn *conn_expire_next(struct loop *l)
{
    struct conn *c = conn_of_timer(clock_expired(&l->clock));

    if (c == NULL)
        return NULL;
    narrate_turn(&l->narrator, "its clock expired", c->fd, "");
    if (c->overdue && !(c->filled && conn_wants_read(c))) {
        c->cause = c->state == CONN_LEAVING ? CONN_BY_SERVER : CONN_TIMED_OUT;
        c->state = CONN_CLOSED;
    }
    c->overdue = true;
    return c;
}

struct conn *conn_next(const struct loop *l, const struct conn *last)
{
    return conn_of_timer(clock_walk(&l->clock, last != NULL ? &last->timer : NULL));
}
