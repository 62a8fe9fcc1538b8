#include "service.h"

#include <stdio.h>
#include <string.h>

#include "calc.h"
#include "frame.h"
#include "http.h"
#include "page.h"

/* The most bytes that one request adds to the output. */
enum {
    CALC_STEP_MAX = CALC_REPLY_MAX + 6,
    HTTP_STEP_MAX = HTTP_REPLY_HEAD_MAX + PAGE_MAX
};

static const char *const names[] = {
    [SERVICE_CALC] = "calc", [SERVICE_ECHO] = "echo", [SERVICE_HTTP] = "http"
};

const char *service_name(enum service s)
{
    return names[s];
}

bool service_find(const char *name, enum service *s)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *s = (enum service)i;
            return true;
        }
    return false;
}

/* The input becomes the output: the memory changes its owner, and no byte is copied. */
static enum progress serve_echo(struct buffer *in, struct buffer *out)
{
    *out = *in;
    *in = (struct buffer){ .data = NULL };
    return SERVICE_IDLE;
}

/* The frame of a reply that stands at the end of its room, from `reply` on. */
static size_t reply_frame(char *to, const char *room, const char *reply)
{
    return frame_encode(to, reply, (size_t)(room + CALC_REPLY_MAX - reply));
}

/* A reply frame that holds a status and no result. */
static size_t status_frame(char *to, enum calc_status status)
{
    char room[CALC_REPLY_MAX];

    return reply_frame(to, room, calc_format(room, 0, status));
}

static enum progress serve_calc(struct buffer *in, struct buffer *out, struct ledger *l)
{
    const char *p = in->data + in->start, *end = in->data + in->end;
    char *to = out->data + out->end, *full = out->data + BUFFER_OUT - CALC_STEP_MAX;
    enum progress progress = SERVICE_IDLE;
    char room[CALC_REPLY_MAX];
    struct frame f;

    while (p < end && progress == SERVICE_IDLE) {
        if (to > full) {
            progress = SERVICE_NO_ROOM;
        } else if (*p == ' ' || *p == '\t' || *p == '\r') {
            p++;
        } else if (*p == '\n') {     /* so that the lines of a telnet screen stay apart */
            *to++ = '\r';
            *to++ = '\n';
            p++;
        } else {
            switch (frame_decode(p, (size_t)(end - p), &f)) {
            case FRAME_READY:
                to += reply_frame(to, room, calc_answer(room, f.payload, f.length));
                p += f.size;
                l->requests++;
                break;
            case FRAME_PARTIAL:
                progress = SERVICE_BEGUN;
                break;
            case FRAME_BAD:
                to += status_frame(to, CALC_BAD_FRAME);
                l->bad_frames++;
                progress = SERVICE_LAST;
                break;
            }
        }
    }
    in->start = (uint32_t)(p - in->data);
    out->end = (uint32_t)(to - out->data);
    return progress;
}

static size_t write_reply(char *to, const struct http_request *r, const struct ledger *l)
{
    char body[PAGE_MAX];
    const char *type = "text/plain";
    size_t size, head;

    if (r->status != 200) {
        size = (size_t)sprintf(body, "%s\n", http_status_text(r->status));
    } else if (r->target == HTTP_LEDGER) {
        type = "application/json";
        size = ledger_json(l, body);
    } else {
        type = "text/html; charset=utf-8";
        size = page_write(body, l);
    }
    head = http_head(to, r, type, size);
    if (r->head_only)
        return head;
    memcpy(to + head, body, size);
    return head + size;
}

/* Do these errors leave it unknown where the next request begins? */
static bool http_broken(int status)
{
    return status == 400 || status == 431 || status == 505;
}

static enum progress serve_http(struct buffer *in, struct buffer *out, struct ledger *l)
{
    struct http_request r;

    for (;;) {
        if (in->start < in->end && out->end > BUFFER_OUT - HTTP_STEP_MAX)
            return SERVICE_NO_ROOM;
        switch (http_decode(in->data + in->start, buffer_length(in), &r)) {
        case HTTP_IDLE:
            in->start += r.size;
            return SERVICE_IDLE;
        case HTTP_PARTIAL:
            in->start += r.size;
            return SERVICE_BEGUN;
        case HTTP_READY:
            break;
        }
        in->start += r.size;
        if (http_broken(r.status))
            l->bad_frames++;
        else
            l->requests++;
        out->end += (uint32_t)write_reply(out->data + out->end, &r, l);
        if (!r.keep_alive)
            return SERVICE_LAST;
    }
}

enum progress service_serve(enum service s, struct buffer *in, struct buffer *out,
                            struct ledger *ledger)
{
    switch (s) {
    case SERVICE_ECHO:
        return serve_echo(in, out);
    case SERVICE_HTTP:
        return serve_http(in, out, ledger);
    case SERVICE_CALC:
        break;
    }
    return serve_calc(in, out, ledger);
}

void service_cut(enum service s, struct buffer *out, struct ledger *ledger)
{
    struct http_request cut = { .status = 400 };

    ledger->bad_frames++;
    if (s == SERVICE_HTTP)
        out->end = (uint32_t)write_reply(out->data, &cut, ledger);
    else
        out->end = (uint32_t)status_frame(out->data, CALC_BAD_FRAME);
}

size_t service_refusal(enum service s, char *to)
{
    struct http_request full = { .status = 503 };

    switch (s) {
    case SERVICE_ECHO:
        return 0;
    case SERVICE_HTTP:
        return http_head(to, &full, "text/plain", 0);
    case SERVICE_CALC:
        break;
    }
    return status_frame(to, CALC_SERVER_FULL);
}
