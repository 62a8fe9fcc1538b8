/* frame - the length-prefixed frames of the calculator, and nothing else.
 *
 *     FRAME = LENGTH "@" PAYLOAD "@"          9@10 + 1234@
 *
 * LENGTH is the number of payload bytes in 1 to 4 ASCII digits, 0 to 4095, without
 * sign, space or leading zero.  PAYLOAD may hold any bytes, '@' and NUL included.
 *
 * The codec is pure: bytes in, outcome out.  It keeps nothing between calls.  While a
 * frame is PARTIAL the caller asks again with more bytes.  That costs a look at five bytes
 * at most, because the payload is counted and never searched.
 */
#ifndef MUXLAB_FRAME_H
#define MUXLAB_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_PAYLOAD_MAX = 4095,
    FRAME_SIZE_MAX = FRAME_PAYLOAD_MAX + 6   /* four digits and two '@' */
};

enum frame_outcome {
    FRAME_READY,      /* a whole frame is at the front */
    FRAME_PARTIAL,    /* the beginning of a frame: needs more bytes */
    FRAME_BAD         /* no further bytes can make it a frame */
};

struct frame {
    const char *payload;    /* within the bytes given */
    uint32_t    length;     /* of the payload, in bytes */
    uint32_t    size;       /* of the whole frame, in bytes */
};

/* Look for a frame at the front of n bytes.  *f is set only if FRAME_READY.  A bad
 * frame is known at the first byte that cannot be part of one. */
enum frame_outcome frame_decode(const char *bytes, size_t n, struct frame *f);

/* Write the frame of a payload of at most FRAME_PAYLOAD_MAX bytes; `to` must have room
 * for the payload and 6 bytes.  Returns the frame's size. */
size_t frame_encode(char *to, const char *payload, size_t length);

#endif
