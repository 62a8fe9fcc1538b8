/* service - what a server does with the bytes: calc, echo or http.
 *
 * Pure but for the ledger's figures: bytes of the input become bytes of the output.  Three
 * services that will never be thirty: a switch, no table of functions.
 */
#ifndef MUXLAB_SERVICE_H
#define MUXLAB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "ledger.h"

enum service { SERVICE_CALC, SERVICE_ECHO, SERVICE_HTTP };

enum progress {
    SERVICE_IDLE,       /* every byte is used up: no request is begun */
    SERVICE_BEGUN,      /* the input is the beginning of a request */
    SERVICE_CROWDED,    /* the output has no room for a further largest reply */
    SERVICE_LAST        /* the last reply is made: the rest of the input is void */
};

enum { SERVICE_REFUSAL_MAX = 256 };

/* The name of a service; and the service of a name, false if there is none. */
const char *service_name(enum service s);
bool service_find(const char *name, enum service *s);

/* Turn complete requests at the front of `in` into replies at the end of `out`, for as
 * long as there is room for a largest reply.  `out` must have BUFFER_OUT bytes of memory.
 * Counts requests and bad frames. */
enum progress service_serve(enum service s, struct buffer *in, struct buffer *out,
                            struct ledger *ledger);

/* The input ended where service_serve left it, SERVICE_BEGUN: write what is to be said of
 * a request that was cut short.  There is always room for it behind the replies. */
void service_cut(enum service s, struct buffer *out, struct ledger *ledger);

/* Write what a client too many is told; returns its length, 0 for nothing. */
size_t service_refusal(enum service s, char *to);

#endif
