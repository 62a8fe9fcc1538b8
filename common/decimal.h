/* decimal - write a number in decimal digits. */
#ifndef MUXLAB_DECIMAL_H
#define MUXLAB_DECIMAL_H

#include <stdint.h>

enum { DECIMAL_MAX = 20 };    /* digits of UINT64_MAX */

/* The last digit is known first, so the digits are written backwards, up to `end`.  Returns
 * the first one. */
static inline char *decimal_write(char *end, uint64_t value)
{
    do
        *--end = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    return end;
}

#endif
