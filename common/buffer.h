/* buffer - a run of bytes that takes up memory only while it holds some.
 *
 * A server has thousands of clients but serves one at a time.  So the large memory
 * belongs to the server, once (struct spare); a buffer borrows it for its connection's
 * turn, and only what is left at the end of the turn (half a request, replies the
 * socket would not take) moves into memory of its own, of just that size.  Between
 * turns no buffer holds spare memory.  A client with nothing under way costs its
 * buffers' 32 bytes and nothing else.
 */
#ifndef MUXLAB_BUFFER_H
#define MUXLAB_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


/* The two together are the most that one client can make the process keep: less than
 * 64 KiB.  The input takes a default read (16 KiB) behind the longest unfinished
 * request (4 KiB); the output, all replies to such a read unless they are long. */
enum {
    BUFFER_IN  = 24 * 1024,
    BUFFER_OUT = 36 * 1024
};

struct spare {
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

/* Does it work in memory of the server's, not its own? */
static inline bool buffer_borrowed(const struct buffer *b, const struct spare *spare)
{
    return b->data == spare->in || b->data == spare->out;
}

/* Work in `memory`, one half of the spare, until the end of the turn.  The bytes it holds
 * move to the front of it, and memory of its own is freed. */
void buffer_borrow(struct buffer *b, char *memory, const struct spare *spare);

/* End of turn: hold nothing borrowed, and memory of its own only for the bytes that are left.
 * False if there was no memory for them: then it is empty. */
bool buffer_keep(struct buffer *b, const struct spare *spare);

/* Drop the bytes and the memory of its own.  Only between turns. */
void buffer_free(struct buffer *b);

#endif
