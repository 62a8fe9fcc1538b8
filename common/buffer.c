#include "buffer.h"

#include <stdlib.h>
#include <string.h>

/* Bring what it holds to the front of `memory`. */
static void move_in(struct buffer *b, char *memory, const struct workspace *work)
{
    uint32_t length = buffer_length(b);

    if (length > 0 && b->data + b->start != memory)
        memmove(memory, b->data + b->start, length);
    if (!buffer_borrowed(b, work))
        free(b->data);
    *b = (struct buffer){ .data = memory, .end = length };
}

void buffer_borrow(struct buffer *b, char *memory, const struct workspace *work)
{
    if (b->data == NULL)
        b->data = memory;
    else
        move_in(b, memory, work);
}

/* Move what is left into memory of its own, of just that size. */
static bool move_out(struct buffer *b)
{
    uint32_t length = buffer_length(b);
    char *own = malloc(length);

    if (own != NULL)
        memcpy(own, b->data + b->start, length);
    *b = (struct buffer){ .data = own, .end = own != NULL ? length : 0 };
    return own != NULL;
}

bool buffer_keep(struct buffer *b, const struct workspace *work)
{
    if (b->data == NULL)
        return true;
    if (buffer_borrowed(b, work)) {
        if (b->start < b->end)
            return move_out(b);
        *b = (struct buffer){ .data = NULL };
    } else if (b->start == b->end) {
        buffer_free(b);
    }
    return true;    /* memory of its own only drains: a smaller one is not worth a copy */
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){ .data = NULL };
}
