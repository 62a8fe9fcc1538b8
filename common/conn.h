/* conn - one client: single steps, and questions about it.
 *
 * A server's loop decides when to take a step.  Nothing here waits, registers interest or
 * loops.  One turn of a connection is
 *
 *     conn_fill      one recv: bytes come in
 *     conn_serve     complete requests become replies; no descriptor is touched
 *     conn_flush     one send: replies go out; after the last one, our FIN
 *     conn_settle    the turn is over: give back the borrowed memory, set the clock
 *
 * and then the questions say what to wait for.  Interest is derived from the state each
 * time.  It is not stored, so it cannot differ from the state.
 *
 * The life of a connection:
 *
 *     state      what it means              reads?            writes?           clock
 *     open       requests are answered      unless paused     while paused      quiet, or
 *                                                                               request
 *     ending     the peer's FIN was read    no                until all is      quiet
 *                                                             sent; then closed
 *     farewell   the last reply is in out   yes, and throws   until all is      quiet
 *                                           the bytes away;   sent; then our FIN:
 *                                           the peer's FIN:   leaving
 *                                           ending
 *     leaving    our FIN is sent            likewise, until   no                leaving
 *                                           the peer's FIN:
 *                                           closed
 *     closed     only conn_close remains    no                no                -
 *
 * A reset, an error or an expired clock closes it from any state.  An open connection is
 * *paused* while replies wait to be sent, or while complete requests wait for room to be
 * answered (SERVICE_NO_ROOM).  That is backpressure: a client that does not read is not
 * read from.  Both water marks are zero: the socket's send buffer is the queue, and a
 * second one in the process would only add memory.  What a client can make us keep is
 * at most BUFFER_IN + BUFFER_OUT bytes.
 *
 * Why a farewell: closing with bytes unread would send a RST (RFC 1122 4.2.2.13), and that
 * can destroy replies on their way.
 */
#ifndef MUXLAB_CONN_H
#define MUXLAB_CONN_H

#include "buffer.h"
#include "loop.h"

enum io {
    IO_ALL,      /* fill: as many bytes came as were asked for, there may be more;
                    flush: nothing waits to be sent */
    IO_PART,     /* fewer bytes than asked for: nothing more was there (but see urgent data
                    and FIN in epoll_et_server.c), or the socket's send buffer is full */
    IO_AGAIN,    /* nothing moved: EAGAIN */
    IO_END,      /* fill: the peer's FIN */
    IO_ERROR     /* the connection is closed: reset or error */
};

enum conn_state { CONN_OPEN, CONN_ENDING, CONN_FAREWELL, CONN_LEAVING, CONN_CLOSED };

/* Why it ends.  Set when it leaves the state open, and set again by a reset or a timeout.
 * CONN_STOPPED is 0: it was still open when the program ended. */
enum conn_cause { CONN_STOPPED, CONN_BY_PEER, CONN_BY_SERVER, CONN_RESET, CONN_TIMED_OUT };

struct conn {
    struct timer  timer;         /* its clock: in one of the loop's queues */
    struct link   ready;         /* for the server's ready list, if it keeps one */
    struct buffer in, out;
    int           fd;            /* ours: only conn_close closes it */
    uint32_t      read_left;     /* bytes that are still read after conn_stop; UINT32_MAX:
                                    the server is not stopping */
    union {                      /* what the server must remember of this client: */
        uint32_t  slot;          /* poll: its place in the array */
        uint32_t  told;          /* epoll, level: the events that the kernel was told */
        uint32_t  heard;         /* epoll, edge: the events that the kernel has told us,
                                    until recv or send denies them */
    };
    unsigned char state;         /* enum conn_state */
    unsigned char cause;         /* enum conn_cause */
    unsigned char progress;      /* enum progress: what conn_serve last came to */
    bool          filled;        /* the last recv took as many bytes as it asked for */
    bool          moved;         /* this turn moved bytes, in or out, none of them thrown away */
    bool          consumed;      /* this turn used up input: a request begun now is new */
    bool          overdue;       /* its clock has expired; it gets one more turn */
};

static inline struct conn *conn_of_ready(struct link *l)
{
    return LINK_OWNER(l, struct conn, ready);
}

/* Make a connection of an accepted descriptor and count the client.  NULL if there is no
 * memory: then the descriptor is closed. */
struct conn *conn_open(struct loop *l, int fd);

/* Refuse a client, because the server is full: one send of the refusal, one recv of what the
 * client has sent (unread bytes would cause a RST, and that could overtake the refusal), and
 * close the descriptor. */
void conn_refuse(struct loop *l, int fd);

/* Close the descriptor, count why, free the connection.  This takes it out of its clock queue
 * and the ready list; the server itself takes it out of the mechanism's set. */
void conn_close(struct conn *c, struct loop *l);

/* The steps.  None blocks. */
enum io conn_fill(struct conn *c, struct loop *l);
void conn_serve(struct conn *c, struct loop *l);
enum io conn_flush(struct conn *c, struct loop *l);
void conn_settle(struct conn *c, struct loop *l);

/* The server stops: bytes that are in the socket by now are still read and answered, later
 * ones are not.  This changes the answers of the questions below. */
void conn_stop(struct conn *c);

/* The server cannot go on with it, for a reason of its own: only conn_close remains. */
void conn_fail(struct conn *c);

/* The next client whose clock has expired, or NULL.  The caller gives it a turn before the
 * next call.  First the client gets one more turn as it is, because the process may have been
 * stopped (Ctrl-Z) while the client sent in time.  If that turn does not start the clock
 * anew, the next call finds the same client and closes it, and its turn drops it. */
struct conn *conn_expire_next(struct loop *l);

/* All clients of the loop: pass NULL first, then the last result, until the result is NULL.
 * Meanwhile no client may be closed or get a turn. */
struct conn *conn_next(const struct loop *l, const struct conn *last);

/* The questions. */

/* Is it closed, so that only conn_close is left to do? */
static inline bool conn_finished(const struct conn *c)
{
    return c->state == CONN_CLOSED;
}

/* Do replies wait to be sent, or requests wait for room to be answered? */
static inline bool conn_paused(const struct conn *c)
{
    return buffer_length(&c->out) > 0 || c->progress == SERVICE_NO_ROOM;
}

static inline bool conn_wants_read(const struct conn *c)
{
    if (c->state == CONN_OPEN)
        return !conn_paused(c) && c->read_left > 0;
    return c->state == CONN_FAREWELL || c->state == CONN_LEAVING;
}

/* In the states ending and farewell, our close or our FIN follows when everything is sent.  An
 * open connection that may read no more begins its farewell in its next turn. */
static inline bool conn_wants_write(const struct conn *c)
{
    if (c->state == CONN_OPEN)
        return conn_paused(c) || c->read_left == 0;
    return c->state == CONN_ENDING || c->state == CONN_FAREWELL;
}

#endif
