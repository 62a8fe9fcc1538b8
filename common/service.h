/* service - what a server does with the bytes: calc, echo or http.
 *
 * Bytes of the input become bytes of the output.  Besides that, only figures of the ledger
 * change.  There are three services and there will never be thirty, so a switch is enough, and
 * no table of functions is needed.
 */
#ifndef MUXLAB_SERVICE_H
#define MUXLAB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "ledger.h"

enum service { SERVICE_CALC, SERVICE_ECHO, SERVICE_HTTP };

enum progress {
    SERVICE_IDLE,       /* every byte is used up: no request has begun */
    SERVICE_BEGUN,      /* the input is the beginning of a request */
    SERVICE_NO_ROOM,    /* the output has no room for one more reply of the largest size */
    SERVICE_LAST        /* the last reply is made: the rest of the input is ignored */
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

/* The stream ended while service_serve said SERVICE_BEGUN: write the reply to a request that
 * was cut short.  `out` is empty and has BUFFER_OUT bytes of memory. */
void service_cut(enum service s, struct buffer *out, struct ledger *ledger);

/* Write the refusal that a client gets when the server is full.  Returns its length; 0 if the
 * service has no words for it. */
size_t service_refusal(enum service s, char *to);

#endif
