/*
 * Reading HTTP replies, cut anywhere: each must have status 200, a
 * Content-Length above 0, and as many bytes of body as it says. Pure; no
 * descriptor is touched.
 */
#ifndef LOADGEN_HTTP_H
#define LOADGEN_HTTP_H

#include <stddef.h>

enum verdict { VERDICT_RIGHT, VERDICT_WRONG, VERDICT_REFUSED };

/* All zero before the first reply. */
struct http_reading {
    size_t head;                /* bytes of the head so far */
    unsigned lines;             /* whole lines of it so far */
    size_t length;              /* Content-Length; 0: none yet */
    size_t body_left;           /* bytes of the body still to come; 0: in the head */
    unsigned used;
    char line[64];              /* of a longer line the rest does not matter */
};

/*
 * Takes one piece of a reply from the n bytes (above 0) at data; *taken says how
 * many. *ended is set to 1 when it was the last one, and *complaint when the
 * verdict is VERDICT_WRONG. VERDICT_REFUSED: status 503.
 */
enum verdict http_take(struct http_reading *r, const unsigned char *data, size_t n,
                       size_t *taken, int *ended, const char **complaint);

#endif
