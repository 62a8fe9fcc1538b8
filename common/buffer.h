/* buffer - bytes in order, in memory that it has only while there are bytes.
 *
 * A loop has thousands of clients and serves one at a time.  So the large memory belongs to
 * the loop, once: its workspace.  A buffer borrows it for its connection's turn.  What is
 * left at the end of the turn (half a request, replies that the socket did not take) moves
 * into memory of its own, of exactly that size.  Between turns no buffer holds any of the
 * workspace.  The buffers of an idle client cost 32 bytes, those of struct conn.
 */
#ifndef MUXLAB_BUFFER_H
#define MUXLAB_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that a buffer keeps.  So one client can make the process keep at most the two
 * together, less than 64 KiB, and all clients max_clients times that.  The input has room
 * for a default read (16 KiB) behind the longest unfinished request (4 KiB).  The output has
 * room for all replies to such a read, unless they are long. */
enum {
    BUFFER_IN  = 24 * 1024,
    BUFFER_OUT = 36 * 1024
};

struct workspace {
    char in[BUFFER_IN];
    char out[BUFFER_OUT];
};

struct buffer {
    char    *data;    /* its memory, borrowed or its own; NULL: none, and no bytes */
    uint32_t start;   /* the first byte that is still to be used */
    uint32_t end;     /* one past the last */
};

/* How many bytes it holds. */
static inline uint32_t buffer_length(const struct buffer *b)
{
    return b->end - b->start;
}

/* Is its memory borrowed? */
static inline bool buffer_borrowed(const struct buffer *b, const struct workspace *work)
{
    return b->data == work->in || b->data == work->out;
}

/* Borrow `memory`, one part of the workspace, until the end of the turn.  The bytes that
 * the buffer holds move to its front, and memory of the buffer's own is freed. */
void buffer_borrow(struct buffer *b, char *memory, const struct workspace *work);

/* The turn is over: give back what is borrowed, and keep the bytes that are left in memory of
 * the buffer's own.  False if there is no memory for them: then it is empty. */
bool buffer_keep(struct buffer *b, const struct workspace *work);

/* Drop the bytes and the memory of its own.  Only between turns. */
void buffer_free(struct buffer *b);

#endif
