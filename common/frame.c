#include "frame.h"

#include <string.h>

#include "decimal.h"

enum frame_outcome frame_decode(const char *bytes, size_t n, struct frame *f)
{
    uint32_t length = 0;
    size_t i = 0;

    while (i < n && bytes[i] >= '0' && bytes[i] <= '9') {
        if (i == 1 && bytes[0] == '0')
            return FRAME_BAD;               /* a leading zero */
        length = length * 10 + (uint32_t)(bytes[i] - '0');
        if (length > FRAME_PAYLOAD_MAX)
            return FRAME_BAD;               /* so is a fifth digit */
        i++;
    }
    if (i == n)
        return FRAME_PARTIAL;
    if (i == 0 || bytes[i] != '@')
        return FRAME_BAD;
    i++;
    if (n - i <= length)
        return FRAME_PARTIAL;
    if (bytes[i + length] != '@')
        return FRAME_BAD;
    f->payload = bytes + i;
    f->length = length;
    f->size = (uint32_t)i + length + 1;
    return FRAME_READY;
}

size_t frame_encode(char *to, const char *payload, size_t length)
{
    size_t digits = length < 10 ? 1 : length < 100 ? 2 : length < 1000 ? 3 : 4;
    char *p = to + digits;

    decimal_write(p, length);
    *p++ = '@';
    memcpy(p, payload, length);
    p += length;
    *p++ = '@';
    return (size_t)(p - to);
}
