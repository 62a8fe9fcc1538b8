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

/* As buffer_borrow, of a buffer that has memory. */
void buffer_move(struct buffer *b, char *memory, const struct spare *spare);

/* Work in `memory`, one half of the spare, until the end of the turn.  The bytes it holds
 * move to the front of it, and memory of its own is freed; nearly every time it has none. */
static inline void buffer_borrow(struct buffer *b, char *memory, const struct spare *spare)
{
    if (b->data == NULL)
        b->data = memory;
    else
        buffer_move(b, memory, spare);
}

/* Of a buffer with memory: make it hold no more of its own than it has bytes, and
 * nothing borrowed.  False if there was no memory: then it is empty. */
bool buffer_own(struct buffer *b, const struct spare *spare);

/* End of turn.  As buffer_own; nearly every time there is nothing to keep. */
static inline bool buffer_keep(struct buffer *b, const struct spare *spare)
{
    if (b->data == NULL)
        return true;
    if (b->start < b->end || !buffer_borrowed(b, spare))
        return buffer_own(b, spare);
    *b = (struct buffer){ .data = NULL };
    return true;
}

/* Drop the bytes and the memory of its own.  Only between turns. */
void buffer_free(struct buffer *b);

#endif
