/* calc - the calculator: a request's payload in, a reply's payload out.  Pure.
 *
 *     X OP Y         RESULT STATUS
 *     10 + 1234      1244 0
 *
 * X and Y are decimal int64 with an optional sign; OP is one byte other than space,
 * with exactly one space on either side.  RESULT is 0 unless STATUS is CALC_OK.
 */
#ifndef MUXLAB_CALC_H
#define MUXLAB_CALC_H

#include <stddef.h>
#include <stdint.h>

enum calc_status {
    CALC_OK = 0,
    CALC_DIVIDED_BY_ZERO = 1,     /* by / or % */
    CALC_UNKNOWN_OPERATOR = 2,
    CALC_OVERFLOW = 3,            /* the result does not fit int64 */
    CALC_MALFORMED = 4,           /* not X OP Y; comes before 1 to 3 */
    CALC_BAD_FRAME = 5,           /* of the connection, not of a sum: see service.h */
    CALC_SERVER_FULL = 6          /* of the connection, too */
};

enum { CALC_REPLY_MAX = 22 };     /* "-9223372036854775808 0" */

/* Compute x op y.  *result is set in every case, to 0 unless CALC_OK.  Division
 * truncates toward zero and a remainder has the dividend's sign (C11 6.5.5);
 * INT64_MIN / -1 overflows, INT64_MIN % -1 is 0. */
enum calc_status calc_compute(int64_t x, char op, int64_t y, int64_t *result);

/* Write the reply payload to a request payload of n bytes.  A number's last digit is known
 * first, so the reply is written backwards, from the end of `room`, which has CALC_REPLY_MAX
 * bytes.  Returns the reply's first byte; its last byte is the last of the room. */
char *calc_answer(char *room, const char *request, size_t n);

/* Write the reply payload `result status`, in the same way. */
char *calc_format(char *room, int64_t result, enum calc_status status);

#endif
