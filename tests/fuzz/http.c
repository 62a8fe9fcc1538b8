/* HTTP: any stream, decoded whole and in pieces, gives the same requests.
 *
 * The first bytes of the input say how the rest is cut.
 */
#include "../../common/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { CUTS = 8, VERDICTS = 4096 };

struct verdicts {
    int n;
    struct {
        int status;
        enum http_target target;
        bool head_only, keep_alive;
    } each[VERDICTS];
    enum http_outcome rest;     /* of what is left behind the last of them */
};

static enum http_outcome decode(const char *bytes, size_t n, struct http_request *r)
{
    enum http_outcome outcome;
    char *copy = malloc(n);     /* its exact size, for AddressSanitizer */

    if (n > 0)
        memcpy(copy, bytes, n);
    memset(r, 0x5a, sizeof *r);
    outcome = http_decode(copy, n, r);
    free(copy);
    expect(r->size <= n, "%u of %zu bytes used", r->size, n);
    if (outcome == HTTP_IDLE)
        expect(r->size == n, "idle, with bytes left");
    if (outcome == HTTP_PARTIAL)
        expect(n - r->size < HTTP_HEAD_MAX, "%zu bytes are only partial", n - r->size);
    if (outcome == HTTP_READY && !r->keep_alive)
        expect(r->size == n, "closing, with bytes left");
    return outcome;
}

/* Decode what stands in [*used, n); false once the connection would close. */
static bool decode_all(struct verdicts *v, const char *bytes, size_t n, size_t *used)
{
    struct http_request r;

    while ((v->rest = decode(bytes + *used, n - *used, &r)) == HTTP_READY
           && v->n < VERDICTS) {
        char head[HTTP_REPLY_HEAD_MAX];

        expect(http_head(head, &r, "text/html; charset=utf-8", 12345) <= sizeof head,
               "a head of more than %zu bytes", sizeof head);
        expect(atoi(http_status_text(r.status)) == r.status, "status %d", r.status);
        v->each[v->n].status = r.status;
        v->each[v->n].target = r.status == 200 ? r.target : HTTP_PAGE;
        v->each[v->n].head_only = r.head_only;
        v->each[v->n++].keep_alive = r.keep_alive;
        *used += r.size;
        if (!r.keep_alive)
            return false;
    }
    if (v->rest != HTTP_READY)
        *used += r.size;
    return v->n < VERDICTS;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct verdicts whole, pieces;
    const char *bytes = (const char *)input + CUTS;
    size_t n, used = 0, come = 0;

    if (size < CUTS)
        return 0;
    n = size - CUTS;
    whole.n = pieces.n = 0;
    decode_all(&whole, bytes, n, &used);
    used = 0;
    for (size_t i = 0; come < n; i++) {
        size_t piece = 1 + input[i % CUTS];

        come = piece < n - come ? come + piece : n;
        if (!decode_all(&pieces, bytes, come, &used))
            break;
    }
    expect(whole.n == pieces.n, "%d requests whole, %d in pieces", whole.n, pieces.n);
    for (int i = 0; i < whole.n; i++)
        expect(whole.each[i].status == pieces.each[i].status
               && whole.each[i].target == pieces.each[i].target
               && whole.each[i].head_only == pieces.each[i].head_only
               && whole.each[i].keep_alive == pieces.each[i].keep_alive,
               "request %d: %d whole, %d in pieces", i, whole.each[i].status,
               pieces.each[i].status);
    if (n > 0 && (whole.n == 0 || whole.each[whole.n - 1].keep_alive))
        expect(whole.rest == pieces.rest, "%d is left whole, %d in pieces",
               (int)whole.rest, (int)pieces.rest);
    return 0;
}
