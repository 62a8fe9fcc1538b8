#include "buffer.h"

#include <stdlib.h>
#include <string.h>

static bool borrowed(const struct buffer *b, const struct spare *spare)
{
    return b->data == spare->in || b->data == spare->out;
}

void buffer_borrow(struct buffer *b, char *memory, const struct spare *spare)
{
    uint32_t length = buffer_length(b);

    if (length > 0 && b->data + b->start != memory)
        memmove(memory, b->data + b->start, length);
    if (!borrowed(b, spare))
        free(b->data);
    *b = (struct buffer){ .data = memory, .end = length };
}

bool buffer_keep(struct buffer *b, const struct spare *spare)
{
    uint32_t length = buffer_length(b);
    char *own = NULL;

    if (length > 0) {
        if (!borrowed(b, spare))
            return true;    /* shrinks when it is empty; until then it only drains */
        own = malloc(length);
        if (own != NULL)
            memcpy(own, b->data + b->start, length);
        else
            length = 0;
        *b = (struct buffer){ .data = own, .end = length };
        return own != NULL;
    }
    if (!borrowed(b, spare))
        free(b->data);
    *b = (struct buffer){ .data = NULL };
    return true;
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){ .data = NULL };
}
