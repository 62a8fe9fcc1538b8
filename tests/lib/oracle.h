/* oracle - what a calc server has to reply, by a second, independent reading of
 * docs/protocol.md.
 *
 * It shares no code with common/, looks at the whole stream at once and counts in sign
 * and size, so it can be slow and plain. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>

enum { ORACLE_REPLY = 40 }; /* room for any one reply */

enum oracle_step {
    ORACLE_MORE, /* no whole item at the front; what is there may still become one */
    ORACLE_DONE, /* an item of *used bytes, its reply may be empty (white space) */
    ORACLE_BAD   /* no frame can begin like this */
};

/* Reads one item from the front of `in`. */
enum oracle_step oracle_step(const char *in, size_t len, size_t *used,
                             char reply[ORACLE_REPLY], size_t *reply_len);

/* The reply stream to all of `in`, ended by EOF or not. `out` has room for
 * 2 * len + 8. Returns its length; *closes: does the server end the connection? */
size_t oracle_stream(const char *in, size_t len, bool eof, char *out, bool *closes);

/* The reply payload to one request payload, without its frame. */
size_t oracle_calc(const char *payload, size_t len, char out[ORACLE_REPLY]);

#endif
