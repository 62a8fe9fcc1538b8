/* The head is read line by line, and each line is checked when it is complete.  So a reader
 * who mistypes the first line into telnet gets the error at once.  Lines are checked in the
 * order of the bytes, so the result does not depend on how the stream is cut.
 *
 * Nothing is kept between calls, so a head that comes in small pieces is read again from its
 * start each time.  It has 4 KiB at most.  The worst head, all tiny fields, costs about ten
 * times as much as the recv that brought the piece, and costs the client a packet.
 */
#include "http.h"

#include <string.h>
#include <strings.h>

#include "decimal.h"

struct text {           /* bytes in memory that is not ours, not NUL-terminated */
    const char *at;
    size_t size;
};

struct fields {         /* what the header fields say, as far as we need it */
    bool close, keep_alive, has_length, has_body;
};

static bool text_is(struct text t, const char *word)
{
    return t.size == strlen(word) && memcmp(t.at, word, t.size) == 0;
}

static bool text_is_any_case(struct text t, const char *word)
{
    return t.size == strlen(word) && strncasecmp(t.at, word, t.size) == 0;
}

/* Move what stands before the first `mark` from rest to part, and drop the mark; false,
 * and nothing is changed, if there is none. */
static bool text_cut(struct text *rest, char mark, struct text *part)
{
    const char *end = memchr(rest->at, mark, rest->size);

    if (end == NULL)
        return false;
    *part = (struct text){ rest->at, (size_t)(end - rest->at) };
    rest->size -= part->size + 1;
    rest->at = end + 1;
    return true;
}

/* A line ends with CR LF; a bare LF is accepted (RFC 9112 2.2). */
static bool text_cut_line(struct text *rest, struct text *line)
{
    if (!text_cut(rest, '\n', line))
        return false;
    if (line->size > 0 && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text text_trim(struct text t)
{
    while (t.size > 0 && is_blank(t.at[t.size - 1]))
        t.size--;
    while (t.size > 0 && is_blank(*t.at)) {
        t.at++;
        t.size--;
    }
    return t;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A tchar of RFC 9110 5.6.2. */
static bool is_token_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c)
           || c == '-' || (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (!is_token_byte(t.at[i]))
            return false;
    return t.size > 0;
}

/* Without control bytes, NUL and CR among them (RFC 9110 5.5); HTAB only if `tab`. */
static bool is_printable(struct text t, bool tab)
{
    for (size_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.at[i];

        if ((c < ' ' && !(c == '\t' && tab)) || c == 0x7f)
            return false;
    }
    return true;
}

/* A method that is known but not allowed here is 405, any other 501 (RFC 9110 9.1).
 * Case matters.  PATCH is from RFC 5789. */
static int method_status(struct text method)
{
    static const char *const known[] = { "POST", "PUT", "DELETE", "CONNECT", "OPTIONS",
                                         "TRACE", "PATCH" };

    if (text_is(method, "GET") || text_is(method, "HEAD"))
        return 200;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (text_is(method, known[i]))
            return 405;
    return 501;
}

/* Two forms: "/path?query", and "http://host/path?query", which every server must
 * accept (RFC 9112 3.2.2).  The path is compared as it is, not percent-decoded. */
static int target_status(struct text target, enum http_target *found)
{
    static const char scheme[] = "http://";
    struct text path;

    if (target.size >= strlen(scheme)
        && strncasecmp(target.at, scheme, strlen(scheme)) == 0) {
        size_t i = strlen(scheme);

        while (i < target.size && target.at[i] != '/' && target.at[i] != '?')
            i++;
        if (i == strlen(scheme))
            return 400;     /* no host: RFC 9110 4.2.1 */
        target.at += i;
        target.size -= i;
    } else if (*target.at != '/') {
        return 400;         /* "*" and "host:port" are for OPTIONS and CONNECT */
    }
    if (!text_cut(&target, '?', &path))
        path = target;
    if (text_is(path, "/") || path.size == 0)
        *found = HTTP_PAGE;
    else if (text_is(path, "/ledger.json"))
        *found = HTTP_LEDGER;
    else
        return 404;
    return 200;
}

/* METHOD SP TARGET SP "HTTP/" DIGIT "." DIGIT and not a space more (RFC 9112 3).  A
 * minor version later than 1 is served like 1 (RFC 9110 2.5). */
static int request_line_status(struct text line, struct http_request *r)
{
    struct text method, target, version;
    int status;

    if (!text_cut(&line, ' ', &method) || !is_token(method))
        return 400;
    if (!text_cut(&line, ' ', &target) || target.size == 0
        || !is_printable(target, false))
        return 400;
    version = line;
    if (version.size != strlen("HTTP/d.d") || memcmp(version.at, "HTTP/", 5) != 0
        || !is_digit(version.at[5]) || version.at[6] != '.' || !is_digit(version.at[7]))
        return 400;
    if (version.at[5] != '1')
        return 505;
    r->keep_alive = version.at[7] != '0';
    r->head_only = text_is(method, "HEAD");
    status = method_status(method);
    return status == 200 ? target_status(target, &r->target) : status;
}

/* 1.1 stays unless told "close", 1.0 only if told "keep-alive" (RFC 9112 9.3).  The
 * options are a list, and the field may come more than once. */
static void connection_read(struct text list, struct fields *f)
{
    struct text option;
    bool more = true;

    while (more) {
        more = text_cut(&list, ',', &option);
        option = text_trim(more ? option : list);
        f->close |= text_is_any_case(option, "close");
        f->keep_alive |= text_is_any_case(option, "keep-alive");
    }
}

/* A second Content-Length is refused even if it is equal, as RFC 9110 8.6 allows:
 * if two readers take different lengths, a request can be smuggled past one of them.  We
 * only ask whether the number is zero, so no number is too large. */
static bool length_read(struct text value, struct fields *f)
{
    if (f->has_length || value.size == 0)
        return false;
    f->has_length = true;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.at[i]))
            return false;
        f->has_body |= value.at[i] != '0';
    }
    return true;
}

/* NAME ":" VALUE (RFC 9112 5).  A space before the colon is refused, and so is a folded
 * line, which begins with one: neither is part of a token.
 *
 * We do not look at Host, though RFC 9112 3.2 wants 400 for a 1.1 request without one:
 * there is only one host here, and nobody should have to type the line into telnet. */
static bool field_read(struct text line, struct fields *f)
{
    struct text name;

    if (!text_cut(&line, ':', &name) || !is_token(name) || !is_printable(line, true))
        return false;
    if (text_is_any_case(name, "Connection"))
        connection_read(line, f);
    else if (text_is_any_case(name, "Content-Length"))
        return length_read(text_trim(line), f);
    else if (text_is_any_case(name, "Transfer-Encoding"))
        f->has_body = true;
    return true;
}

static enum http_outcome request_refuse(struct http_request *r, int status, size_t n)
{
    r->status = status;
    r->keep_alive = false;
    r->size = (uint32_t)n;
    return HTTP_READY;
}

enum http_outcome http_decode(const char *bytes, size_t n, struct http_request *r)
{
    struct fields f = { 0 };
    struct text head, line;
    size_t start = 0;

    /* Empty lines before a request (RFC 9112 2.2).  CR and LF may mix at will: after a
     * last CR we could not say yet whether its LF will come. */
    while (start < n && (bytes[start] == '\r' || bytes[start] == '\n'))
        start++;
    *r = (struct http_request){ .size = (uint32_t)start };
    if (start == n)
        return HTTP_IDLE;
    if (!is_token_byte(bytes[start]))
        return request_refuse(r, 400, n);

    head.at = bytes + start;
    head.size = n - start < HTTP_HEAD_MAX ? n - start : HTTP_HEAD_MAX;
    while (text_cut_line(&head, &line)) {
        if (r->status == 0) {
            r->status = request_line_status(line, r);
        } else if (line.size == 0) {
            r->keep_alive = (r->keep_alive || f.keep_alive) && !f.close && !f.has_body;
            r->size = (uint32_t)(r->keep_alive ? (size_t)(head.at - bytes) : n);
            return HTTP_READY;
        } else if (!field_read(line, &f)) {
            r->status = 400;
        }
        if (r->status == 400 || r->status == 505)
            return request_refuse(r, r->status, n);
    }
    if (n - start >= HTTP_HEAD_MAX)
        return request_refuse(r, 431, n);
    return HTTP_PARTIAL;
}

const char *http_status_text(int status)
{
    switch (status) {
    case 200: return "200 OK";
    case 400: return "400 Bad Request";
    case 404: return "404 Not Found";
    case 405: return "405 Method Not Allowed";
    case 431: return "431 Request Header Fields Too Large";
    case 501: return "501 Not Implemented";
    case 503: return "503 Service Unavailable";
    case 505: return "505 HTTP Version Not Supported";
    default: return "500 Internal Server Error";
    }
}

static char *put(char *to, const char *s)
{
    size_t size = strlen(s);

    memcpy(to, s, size);
    return to + size;
}

/* The version is ours, whatever the client's (RFC 9110 2.5).  Connection is always
 * said, since a 1.0 client that asked to stay waits for it.  No Date: RFC 9110 6.6.1
 * forbids one without a clock of UTC, and the servers keep only a monotonic one. */
size_t http_head(char *to, const struct http_request *r, const char *content_type,
                 size_t content_length)
{
    char length[DECIMAL_MAX + 1] = "";
    char *end = put(to, "HTTP/1.1 ");

    end = put(end, http_status_text(r->status));
    if (r->status == 405)   /* RFC 9110 15.5.6 */
        end = put(end, "\r\nAllow: GET, HEAD");
    end = put(end, "\r\nContent-Type: ");
    end = put(end, content_type);
    end = put(end, "\r\nContent-Length: ");
    end = put(end, decimal_write(length + DECIMAL_MAX, content_length));
    end = put(end, "\r\nCache-Control: no-store\r\nConnection: ");
    end = put(end, r->keep_alive ? "keep-alive\r\n\r\n" : "close\r\n\r\n");
    return (size_t)(end - to);
}
