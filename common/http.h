/* http - enough HTTP/1.0 and 1.1 for a browser, curl and a load generator.
 *
 * GET and HEAD of the targets below, with keep-alive and pipelining; the body of a
 * request is never read.  What may follow a request decides whether the connection can
 * stay: after a broken head (400, 431, 505) or a body nobody knows where the next
 * request begins, so keep_alive is false; after 404, 405 and 501 it is known.
 *
 * The codec is pure: bytes in, outcome out.  It keeps nothing between calls.  While a
 * request is PARTIAL it is asked again with more bytes; however the stream is cut, the
 * requests are the same.  Sources: RFC 9110 (semantics), RFC 9112 (HTTP/1.1).
 */
#ifndef MUXLAB_HTTP_H
#define MUXLAB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_HEAD_MAX = 4096,       /* longest request, from its line to its empty line */
    HTTP_TYPE_MAX = 64,         /* longest content type to give to http_head */
    HTTP_REPLY_HEAD_MAX = 256   /* the most that http_head writes */
};

enum http_outcome {
    HTTP_READY,     /* a request to answer, be it with an error */
    HTTP_PARTIAL,   /* a request has begun, is right so far, and needs more bytes */
    HTTP_IDLE       /* no request has begun: no bytes, or only empty lines */
};

enum http_target {
    HTTP_PAGE,      /* "/" */
    HTTP_LEDGER     /* "/ledger.json" */
};

struct http_request {
    uint32_t         size;        /* bytes to drop now, whatever the outcome */
    /* The rest counts only if HTTP_READY. */
    int              status;      /* 200, or the error: 400 404 405 431 501 505 */
    enum http_target target;      /* what is asked for, if status is 200 */
    bool             head_only;   /* HEAD: a head as for GET, and no body */
    bool             keep_alive;  /* false: answer, then close; size is all of n */
};

/* Look for a request at the front of n bytes.  An error is known at the end of its
 * line; at the first byte, if no request begins so; after HTTP_HEAD_MAX bytes, if the
 * head does not end within them.  Only empty lines are dropped of a PARTIAL request;
 * what is left of it is less than HTTP_HEAD_MAX bytes. */
enum http_outcome http_decode(const char *bytes, size_t n, struct http_request *r);

/* Write the head of a reply, from its status line to its empty line, without a NUL.
 * `content_length` is that of the body, sent or not (head_only).  Only status and
 * keep_alive are read from *r, so that a reply to no request (503) can be made too.
 * Returns the head's size. */
size_t http_head(char *to, const struct http_request *r, const char *content_type,
                 size_t content_length);

/* The status as the status line has it, "404 Not Found"; good as an error's body. */
const char *http_status_text(int status);

#endif
