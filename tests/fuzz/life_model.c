#define _GNU_SOURCE
#include "life_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/http.h"
#include "../lib/oracle.h"
#include "fuzz.h"

static void check_bytes(const struct model *m, const char *want, size_t size)
{
    expect(m->sent_size <= size && (m->sent_size == 0
                                    || memcmp(want, m->sent, m->sent_size) == 0),
           "another reply stream");
    expect(!m->whole || m->sent_size == size, "%zu bytes of %zu", m->sent_size, size);
}

static void check_calc(const struct model *m, const char *bytes, size_t n, bool eof)
{
    char *want = malloc(2 * n + 8);
    struct model cut = *m;
    bool closes;
    size_t size;

    if (m->may_be_cut) {        /* either with the reply to what was cut, or without */
        size = oracle_stream(bytes, n, false, want, &closes);
        if (m->sent_size == size)
            eof = false;
        cut.may_be_cut = false;
    }
    size = oracle_stream(bytes, n, eof, want, &closes);
    check_bytes(&cut, want, size);
    free(want);
}

/* Take one reply off the front, as far as it is there: its status, or 0 for a part. */
static int next_reply(const char **p, const char *end, bool head_only, bool *closes)
{
    const char *body = memmem(*p, (size_t)(end - *p), "\r\n\r\n", 4);
    char head[HTTP_REPLY_HEAD_MAX + 1] = "";
    const char *length, *connection;
    unsigned size;
    int status;

    if (body == NULL)
        return 0;
    body += 4;
    expect(body - *p < (ptrdiff_t)sizeof head, "a head of %td bytes", body - *p);
    memcpy(head, *p, (size_t)(body - *p));
    length = strstr(head, "Content-Length: ");
    connection = strstr(head, "Connection: ");
    expect(length != NULL && connection != NULL
           && sscanf(head, "HTTP/1.1 %d ", &status) == 1
           && sscanf(length + 16, "%u", &size) == 1, "no reply: %.40s", head);
    *closes = connection[12] == 'c';
    if (head_only)
        size = 0;
    if ((size_t)(end - body) < size)
        return 0;
    *p = body + size;
    return status;
}

/* One reply a request, with its status; nothing behind one that closes. */
static void check_http(const struct model *m, const char *bytes, size_t n, bool eof)
{
    const char *p = m->sent, *end = p + m->sent_size;
    enum http_outcome outcome;
    struct http_request r;
    bool closes = false;
    int status;

    while ((outcome = http_decode(bytes, n, &r)) == HTTP_READY && !closes) {
        status = p < end ? next_reply(&p, end, r.head_only, &closes) : 0;
        if (status == 0)
            break;
        expect(status == r.status && closes == !r.keep_alive, "expected %d, came %d",
               r.status, status);
        bytes += r.size;
        n -= r.size;
    }
    if (outcome == HTTP_PARTIAL && eof && !closes && p < end) {
        status = next_reply(&p, end, false, &closes);
        expect(status == 400 || status == 0, "cut short: %d", status);
        closes = status == 400;
    }
    if (!m->whole)
        return;
    expect(p == end, "%zu bytes too many", (size_t)(end - p));
    expect(closes || outcome == HTTP_IDLE
           || (outcome == HTTP_PARTIAL && (!eof || m->may_be_cut)),
           "a reply is missing");
}

void model_check(const struct model *m, const char *bytes, size_t n, bool eof)
{
    switch (m->service) {
    case SERVICE_CALC:
        check_calc(m, bytes, n, eof);
        break;
    case SERVICE_ECHO:
        check_bytes(m, bytes, n);
        break;
    case SERVICE_HTTP:
        check_http(m, bytes, n, eof);
        break;
    }
}
