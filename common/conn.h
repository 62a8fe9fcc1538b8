/* conn - one client: single steps, and questions.
 *
 * A server's loop takes the steps and decides when; nothing here waits, registers
 * interest or repeats itself.  One turn of a connection is
 *
 *     conn_fill      one recv: bytes come in
 *     conn_serve     complete requests become replies; no descriptor is touched
 *     conn_flush     one send: replies go out; behind the very last one, our FIN
 *     conn_settle    the turn is over: give back the shared memory, set the clock
 *
 * and then the questions say what to wait for.  Interest is derived from the state each
 * time and never stored as a second truth.
 *
 * Backpressure: replies are made only while none are waiting, and nothing is read
 * meanwhile, so a client that does not read is not read from.  Both water marks are zero:
 * the socket's send buffer is the queue, and a second one in the process would only add
 * memory.  What a client can make us keep is bounded by struct spare.
 *
 * The life of a connection, in the words of struct conn:
 *
 *     open       until eof (the peer's FIN was read) or last (bad frame, HTTP close, stop)
 *     eof        replies go out; then it is over
 *     last       the farewell: replies go out, then our FIN; what comes in is read and thrown
 *                away until the peer's FIN.  Closing with bytes unread would send a RST
 *                (RFC 1122 4.2.2.13), and that can destroy replies on their way.
 *     over       anything after a reset, an error or an expired clock
 */
#ifndef MUXLAB_CONN_H
#define MUXLAB_CONN_H

#include <stddef.h>

#include "buffer.h"
#include "seldom.h"
#include "shared.h"

enum io {
    IO_FULL,     /* fill: as much as was asked for came, there may be more;
                    flush: nothing waits to be sent */
    IO_SHORT,    /* fewer bytes than asked for: nothing more was there (but see urgent data
                    and FIN in epoll_et_server.c), or the socket's send buffer is full */
    IO_AGAIN,    /* nothing moved: EAGAIN */
    IO_END,      /* fill: the peer's FIN */
    IO_ERROR     /* reset or error: the connection is over */
};

enum conn_cause { CONN_OPEN, CONN_BY_PEER, CONN_BY_SERVER, CONN_RESET, CONN_TIMED_OUT };

struct conn {
    struct timer  timer;       /* first, so that a timer is its connection */
    struct link   ready;       /* for the server's ready list, if it keeps one */
    struct buffer in, out;
    int           fd;          /* ours: only conn_close closes it */
    uint32_t      may_read;    /* bytes that may still be read; UINT32_MAX: no bound */
    uint32_t      mark;        /* the server's own: what it must remember of this client */
    unsigned char cause;       /* enum conn_cause: why it is over */
    bool          eof;         /* the peer's FIN was read */
    bool          last;        /* no further request will be answered */
    bool          fin;         /* our FIN is sent */
    unsigned char progress;    /* enum progress: what conn_serve last came to */
    bool          more;        /* the last fill was a full one: more requests may be there */
    bool          moved;       /* this turn moved bytes */
    bool          fresh;       /* this turn used up input: what is begun now is new */
    bool          late;        /* its clock has expired; it gets one more turn */
};

/* The connection a timer, or a link of the ready list, belongs to. */
static inline struct conn *conn_of_timer(struct timer *t)
{
    return (struct conn *)t;
}

static inline struct conn *conn_of_ready(struct link *l)
{
    return (struct conn *)(void *)((char *)l - offsetof(struct conn, ready));
}

/* Take over an accepted descriptor and count the client.  NULL if there is no memory:
 * then the descriptor is closed. */
struct conn *conn_open(struct shared *sh, int fd);

/* Tell a client too many so, in one send, with one recv of what is there (a RST for bytes
 * unread could overtake the refusal), and close the descriptor. */
void conn_refuse(struct shared *sh, int fd);

/* Close the descriptor, count why, free the connection.  It leaves its clock queue and the
 * ready list; the mechanism's own set is the server's to mind. */
void conn_close(struct conn *c, struct shared *sh);

/* The steps. */
enum io conn_fill(struct conn *c, struct shared *sh);
void conn_serve(struct conn *c, struct shared *sh);
enum io conn_flush(struct conn *c, struct shared *sh);
void conn_settle(struct conn *c, struct shared *sh);

/* The server is told to stop: what is in the socket by now is still read and answered,
 * nothing after it.  Changes what the connection waits for. */
void conn_stop(struct conn *c);

/* The connection's clock has expired: is it over?  Not the first time, nor while bytes
 * keep coming: the process may have been stopped (Ctrl-Z) while the client spoke in time,
 * so it gets one more turn before it is given up. */
bool conn_expire(struct conn *c);

/* The questions. */

/* Is there nothing left to do but conn_close? */
static inline bool conn_finished(const struct conn *c)
{
    return c->cause != CONN_OPEN;
}

static inline bool conn_wants_read(const struct conn *c)
{
    if (c->cause != CONN_OPEN || c->eof)
        return false;
    if (c->last)
        return true;
    return buffer_length(&c->out) == 0 && c->progress != SERVICE_CROWDED
           && c->may_read > 0;
}

/* Replies wait; or requests do, for room to answer them; or our FIN is due. */
static inline bool conn_wants_write(const struct conn *c)
{
    if (c->cause != CONN_OPEN || c->fin)
        return false;
    return buffer_length(&c->out) > 0 || c->progress == SERVICE_CROWDED || c->last
           || c->may_read == 0;
}

#endif
