#include "loadgen_http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MOST 16384u
#define BODY_MOST 100000000ul

static enum verdict status_line(const char *line, const char **complaint)
{
    *complaint = "the status line is not HTTP/1.x 200";
    if (strncmp(line, "HTTP/1.0 ", 9) != 0 && strncmp(line, "HTTP/1.1 ", 9) != 0)
        return VERDICT_WRONG;
    if (strncmp(line + 9, "503 ", 4) == 0)
        return VERDICT_REFUSED;
    return strncmp(line + 9, "200 ", 4) == 0 ? VERDICT_RIGHT : VERDICT_WRONG;
}

static enum verdict length_field(struct http_reading *r, const char *value,
                                 const char **complaint)
{
    char *end;
    unsigned long length;

    value += strspn(value, " \t");
    length = strtoul(value, &end, 10);
    end += strspn(end, " \t");
    *complaint = "Content-Length is no number above 0";
    if (*value < '0' || *value > '9' || *end != '\0' || length == 0
        || length > BODY_MOST)
        return VERDICT_WRONG;
    *complaint = "two values of Content-Length";
    if (r->length != 0 && r->length != length)
        return VERDICT_WRONG;
    r->length = length;
    return VERDICT_RIGHT;
}

/* The line is whole and stands in r->line without its CR LF. */
static enum verdict head_line(struct http_reading *r, const char **complaint)
{
    if (r->lines++ == 0)
        return status_line(r->line, complaint);
    if (strncasecmp(r->line, "Content-Length:", 15) == 0)
        return length_field(r, r->line + 15, complaint);
    if (r->line[0] != '\0')
        return VERDICT_RIGHT;
    r->body_left = r->length;
    *complaint = "no Content-Length";
    return r->length > 0 ? VERDICT_RIGHT : VERDICT_WRONG;
}

enum verdict http_take(struct http_reading *r, const unsigned char *data, size_t n,
                       size_t *taken, int *ended, const char **complaint)
{
    const unsigned char *lf;
    size_t keep;
    enum verdict v;

    if (r->body_left > 0) {
        *taken = n < r->body_left ? n : r->body_left;
        r->body_left -= *taken;
        if (r->body_left == 0) {
            memset(r, 0, sizeof *r);
            *ended = 1;
        }
        return VERDICT_RIGHT;
    }
    lf = memchr(data, '\n', n);
    *taken = lf ? (size_t)(lf - data) + 1 : n;
    keep = sizeof r->line - 1 - r->used;
    keep = keep < *taken ? keep : *taken;
    memcpy(r->line + r->used, data, keep);
    r->used += (unsigned)keep;
    r->head += *taken;
    *complaint = "the head does not end";
    if (r->head > HEAD_MOST)
        return VERDICT_WRONG;
    if (!lf)
        return VERDICT_RIGHT;
    while (r->used > 0 && memchr("\r\n", r->line[r->used - 1], 2))
        r->used--;
    r->line[r->used] = '\0';
    v = head_line(r, complaint);
    if (v == VERDICT_RIGHT)
        r->used = 0;
    return v;
}
