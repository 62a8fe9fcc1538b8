#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_borrow(struct buffer *b, char *memory, const struct spare *spare)
{
    uint32_t length = buffer_length(b);

    if (length > 0 && b->data + b->start != memory)
        memmove(memory, b->data + b->start, length);
    if (!buffer_borrowed(b, spare))
        free(b->data);
    *b = (struct buffer){ .data = memory, .end = length };
}

bool buffer_keep(struct buffer *b, const struct spare *spare)
{
    uint32_t length = buffer_length(b);
    char *own = NULL;

    if (length > 0 && !buffer_borrowed(b, spare))
        return true;    /* it only drains from here on: not worth a copy */
    if (length > 0 && (own = malloc(length)) != NULL)
        memcpy(own, b->data + b->start, length);
    if (!buffer_borrowed(b, spare))
        free(b->data);
    *b = (struct buffer){ .data = own, .end = own != NULL ? length : 0 };
    return own != NULL || length == 0;
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){ .data = NULL };
}
