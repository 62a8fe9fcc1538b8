/* Does common/http judge requests as RFC 9110 and RFC 9112 do, and always the same
 * however the stream is cut?
 *
 *     $ cc -o /tmp/test_http tests/unit/test_http.c common/http.c && /tmp/test_http
 *     ok unit/http/requests
 *     ...
 *
 * What http_decode says is put in a few words, its verdict ("200 page keep").  Every
 * decode sees an exact-size copy from malloc, so that under AddressSanitizer a look
 * beyond the last byte ends the program.
 */
#include "../../common/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

enum { ANY_SIZE = -1 };

struct test {
    const char *name;
    int         failures;
};

static void test_fail(struct test *t, const char *input, size_t n, const char *expected,
                      const char *came)
{
    t->failures++;
    printf("FAIL unit/http/%s: expected '%s', came '%s', from %zu bytes: ", t->name,
           expected, came, n);
    for (size_t i = 0; i < n && i < 200; i++)
        if (input[i] >= ' ' && input[i] <= '~')
            putchar(input[i]);
        else
            printf("\\x%02x", (unsigned)(unsigned char)input[i]);
    putchar('\n');
}

static bool test_end(const struct test *t)
{
    if (t->failures == 0)
        printf("ok unit/http/%s\n", t->name);
    return t->failures == 0;
}

/* The verdict, in `to`; what http_decode leaves of *r is poison. */
static enum http_outcome decode(const char *input, size_t n, struct http_request *r,
                                char to[64])
{
    char *copy = malloc(n);
    enum http_outcome outcome;

    if (n > 0)
        memcpy(copy, input, n);
    memset(r, 0x5a, sizeof *r);
    outcome = http_decode(copy, n, r);
    free(copy);
    if (outcome == HTTP_READY)
        snprintf(to, 64, "%d%s%s%s", r->status, r->status != 200 ? "" :
                 r->target == HTTP_PAGE ? " page" : " ledger",
                 r->head_only ? " head" : "", r->keep_alive ? " keep" : " close");
    else
        strcpy(to, outcome == HTTP_IDLE ? "idle" : "partial");
    return outcome;
}

static void check(struct test *t, const char *input, size_t n, const char *expected,
                  long size)
{
    struct http_request r;
    char came[64];

    decode(input, n, &r, came);
    if (strcmp(came, expected) == 0) {
        if (size == ANY_SIZE || r.size == (size_t)size)
            return;
        snprintf(came, sizeof came, "size %ld, not %ld", (long)r.size, size);
    }
    test_fail(t, input, n, expected, came);
}

/* No verdict before byte `decided`: idle while there are only empty lines, which may be
 * dropped.  From then on the verdict stays, whatever follows (RFC 9112 9.3.2). */
static void check_prefixes(struct test *t, const char *input, size_t n, size_t decided,
                           const char *expected)
{
    bool keep = strstr(expected, "keep") != NULL;
    size_t empty = 0;

    for (size_t k = 0; k <= n && k < decided; k++) {
        if (k > 0 && empty == k - 1 && (input[empty] == '\r' || input[empty] == '\n'))
            empty++;
        check(t, input, k, empty == k ? "idle" : "partial", (long)empty);
    }
    for (size_t k = decided; k <= n; k++)
        check(t, input, k, expected, (long)(keep ? decided : k));
}

/* The verdict falls with the last byte of the input, no sooner and no later. */
static void check_input(struct test *t, const char *input, size_t n,
                        const char *expected)
{
    static const char more[] = "\r\nPOST\t\n\n\x16 HTTP/1.1\n\nGET / HTTP/1.1\r\n\r\n";
    char whole[2 * HTTP_HEAD_MAX + sizeof more];

    memcpy(whole, input, n);
    memcpy(whole + n, more, sizeof more);
    check_prefixes(t, whole, n + sizeof more, n, expected);
}

#define GET11 "GET / HTTP/1.1\n"
#define GET10 "GET / HTTP/1.0\n"

struct row {
    const char *verdict;
    const char *inputs[8];      /* tried with LF, and with CR LF in place of LF */
};

static const struct row requests[] = {
    { "200 page keep", { GET11 "\n", GET11 "Host: here\n\n", "GET / HTTP/1.1\r\n\n",
      GET11 "Host: here\r\n\n", GET11 "Host: here\n\r\n" } },
    { "200 ledger keep", { "GET /ledger.json HTTP/1.1\nHost: here\n\n" } },
    { "200 page head keep", { "HEAD / HTTP/1.1\n\n" } },
    { "200 ledger head close", { "HEAD /ledger.json HTTP/1.0\n\n" } },
    /* RFC 9112 2.2: empty lines first; RFC 9110 2.5: a later minor version; RFC 9112 5:
     * white space around a value is not part of it, and a value may be empty */
    { "200 page keep", { "\n" GET11 "\n", "\n\n\r\r\n" GET11 "\n", "GET / HTTP/1.9\n\n",
      GET11 "A:\nB: \t \nC:d\nE:\t f g \t\n\n", GET11 "A: \xe4\xff \"b:c\"\n\n" } },
};

static const struct row methods_and_targets[] = {
    /* RFC 9112 3.2.2: absolute-form; RFC 9110 4.2.3: an empty path is "/" */
    { "200 page keep", { "GET /? HTTP/1.1\n\n", "GET /?/ledger.json?b HTTP/1.1\n\n",
      "GET http://here/ HTTP/1.1\n\n", "GET http://here?b HTTP/1.1\n\n",
      "GET HTTP://here:8081 HTTP/1.1\n\n" } },
    { "200 ledger keep", { "GET /ledger.json?1 HTTP/1.1\n\n",
      "GET http://[::1]:8081/ledger.json?a HTTP/1.1\n\n" } },
    /* RFC 9110 15.5.5: a path has case, and is not percent-decoded here */
    { "404 keep", { "GET /x HTTP/1.1\n\n", "GET // HTTP/1.1\n\n", "GET /# HTTP/1.1\n\n",
      "GET /ledger.jso HTTP/1.1\n\n", "GET /ledger.json/ HTTP/1.1\n\n",
      "GET /Ledger.json HTTP/1.1\n\n", "GET /ledger%2Ejson HTTP/1.1\n\n",
      "GET http://here/x HTTP/1.1\n\n" } },
    { "404 head keep", { "HEAD /x HTTP/1.1\n\n" } },
    { "404 close", { "GET /x HTTP/1.0\n\n" } },
    /* RFC 9112 3.2: no form that GET may have; RFC 9110 4.2.1: no host */
    { "400 close", { "GET ledger.json HTTP/1.1\n", "GET * HTTP/1.1\n",
      "GET ?a HTTP/1.1\n", "GET here:80 HTTP/1.1\n", "GET https://here/ HTTP/1.1\n",
      "GET http:// HTTP/1.1\n", "GET http:///ledger.json HTTP/1.1\n" } },
    { "400 head close", { "HEAD http://?a HTTP/1.1\n" } },
    /* RFC 9110 9.1, 15.5.6: known, and not allowed here, whatever the target */
    { "405 keep", { "POST / HTTP/1.1\n\n", "PUT / HTTP/1.1\n\n", "TRACE / HTTP/1.1\n\n",
      "DELETE /x HTTP/1.1\n\n", "CONNECT here:80 HTTP/1.1\n\n",
      "OPTIONS * HTTP/1.1\n\n", "PATCH / HTTP/1.1\n\n" } },
    { "405 close", { "PATCH / HTTP/1.0\n\n" } },
    /* RFC 9110 15.6.2: unknown; methods have case */
    { "501 keep", { "get / HTTP/1.1\n\n", "GETT / HTTP/1.1\n\n", "GE / HTTP/1.1\n\n",
      "!#$%&'*+-.^_`|~ / HTTP/1.1\n\n" } },
    { "501 close", { "BREW pot HTTP/1.0\n\n" } },
};

static const struct row connections[] = {
    /* RFC 9112 9.3: 1.0 closes unless it asks to stay, 1.1 stays unless it says close;
     * RFC 9110 7.6.1: the options are a list without case */
    { "200 page close", { GET10 "\n", GET10 "Connection: keep-alive, close\n\n",
      GET10 "Connection: keep-alive2\n\n", GET11 "Connection: close\n\n",
      GET11 "CONNECTION:\tCLOSE\t\n\n", GET11 "Connection: a ,, close ,b\n\n",
      GET11 "Connection: close, keep-alive\n\n",
      GET11 "Connection: close\nConnection: keep-alive\n\n" } },
    { "200 page keep", { GET10 "Connection: keep-alive\n\n",
      GET10 "Connection: Keep-Alive\n\n", GET10 "Connection: a, keep-alive, b\n\n",
      GET11 "Connection: keep-alive\n\n", GET11 "Connection:\n\n",
      GET11 "Connection: closed, not close\n\n",
      GET11 "Connectio: close\nXonnection: close\n\n" } },
    { "404 close", { "GET /x HTTP/1.1\nConnection: close\n\n" } },
};

static const struct row bodies[] = {
    /* RFC 9112 6: these announce a body; we answer, then close */
    { "200 page close", { GET11 "Content-Length: 5\n\n",
      GET11 "content-length: 050\n\n", GET11 "TRANSFER-ENCODING:\n\n",
      GET11 "Content-Length:99999999999999999999999999\n\n",
      GET11 "Transfer-Encoding: chunked\n\n",
      GET11 "Content-Length: 0\nTransfer-Encoding: chunked\n\n",
      GET10 "Connection: keep-alive\nContent-Length: 1\n\n" } },
    { "404 close", { "GET /x HTTP/1.1\nContent-Length: 1\n\n" } },
    { "405 close", { "POST / HTTP/1.1\nContent-Length: 1\n\n" } },
    { "501 close", { "BREW / HTTP/1.1\nContent-Length: 1\n\n" } },
    { "200 page keep", { GET11 "Content-Length: 000\n\n" } },     /* an empty one */
    { "405 keep", { "POST / HTTP/1.1\nContent-Length: 0\n\n" } },
    /* RFC 9110 8.6: digits, and once */
    { "400 close", { GET11 "Content-Length:\n", GET11 "Content-Length: -1\n",
      GET11 "Content-Length: +1\n", GET11 "Content-Length: 1 2\n",
      GET11 "Content-Length: 1,1\n", GET11 "Content-Length: 1\nContent-Length: 2\n",
      GET11 "Content-Length: 0\nContent-Length: 0\n" } },
};

static const struct row bad_lines[] = {
    /* RFC 9112 3: three parts, one space between; the first is of HTTP/0.9 */
    { "400 close", { "GET /\n", "GET\n", "GET / \n", "GET  / HTTP/1.1\n",
      "GET /  HTTP/1.1\n", "GET / HTTP/1.1 \n", "GET / x HTTP/1.1\n",
      "GET / HTTP/1.1\r\r\n" } },
    { "400 close", { "GET\t/\tHTTP/1.1\n", "GET:x / HTTP/1.1\n", "9@10 + 1234@\n",
      "GET  HTTP/1.1\n", "POST  HTTP/1.1\n" } },
    /* RFC 9112 2.3: "HTTP/" has case; one digit on either side of the dot */
    { "400 close", { "GET / http/1.1\n", "GET / HTTP/1\n", "GET / HTTP/1.\n",
      "GET / HTTP/11.\n", "GET / HTTP/1.10\n", "GET / HTTP/1,1\n",
      "GET / HTTPS/1.1\n" } },
    /* RFC 9110 15.6.6: another major version, whose rest we would not understand */
    { "505 close", { "GET / HTTP/2.0\n", "PRI * HTTP/2.0\n", "GET / HTTP/0.9\n",
      "HEAD /x HTTP/3.1\n" } },
    /* RFC 9112 5.1: space before the colon; 5.2: a folded line; 2.2: the first one */
    { "400 close", { GET11 "Host : here\n", GET11 "Host\t: here\n", GET11 " \n",
      GET11 "Host: a\n b: c\n", GET11 "Host: a\n\tb: c\n", GET11 " Host: here\n" } },
    { "400 close", { GET11 "Host\n", GET11 ": here\n", GET11 "\r\r\n",
      GET11 "Host: here\r\r\n", GET11 "Host: \x1b[0m\n" } },
    { "400 head close", { "HEAD / HTTP/1.1\n:\n" } },
    /* the first broken line decides, over whatever else would be answered */
    { "400 close", { "BREW /x HTTP/1.1\nHost here\n", "POST / HTTP/1.1\nHost here\n",
      GET11 "Content-Length: 1\nHost here\n" } },
};

static bool table_holds(const char *name, const struct row *rows, size_t count)
{
    struct test t = { name, 0 };

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < COUNT(rows->inputs) && rows[i].inputs[j] != NULL; j++) {
            const char *from = rows[i].inputs[j];
            char crlf[128];
            size_t n = 0;

            check_input(&t, from, strlen(from), rows[i].verdict);
            for (char before = '\0'; *from != '\0'; before = *from++) {
                if (*from == '\n' && before != '\r')
                    crlf[n++] = '\r';
                crlf[n++] = *from;
            }
            check_input(&t, crlf, n, rows[i].verdict);
        }
    return test_end(&t);
}

static void check_byte(struct test *t, const char *before, int c, const char *after,
                       const char *expected)
{
    char input[128];
    int n = snprintf(input, sizeof input, "%s%c%s", before, c, after);

    check(t, input, (size_t)n, expected, ANY_SIZE);
}

/* Every byte in every place, against the sets of RFC 9110 5.6.2 and 5.5. */
static bool every_byte_holds(void)
{
    static const char tokens[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789!#$%&'*+-.^_`|~";
    struct test t = { "every_byte", 0 };

    for (int c = 0; c < 256; c++) {
        bool token = c != 0 && strchr(tokens, c) != NULL;
        bool control = c < 32 || c == 127;
        bool digit = c >= '0' && c <= '9';
        /* the first byte, alone: a TLS hello (0x16) need not be waited for */
        const char *first = c == '\r' || c == '\n' ? "idle" :
                            token ? "partial" : "400 close";

        check_byte(&t, "", c, "", first);
        check_byte(&t, "\r\n", c, "", first);
        check_byte(&t, "G", c, "X / HTTP/1.1\n\n", token ? "501 keep" : "400 close");
        check_byte(&t, "GET /", c, "x HTTP/1.1\n\n", c == '?' ? "200 page keep" :
                   control || c == ' ' ? "400 close" : "404 keep");
        check_byte(&t, "GET / HTTP/", c, ".1\n\n", c == '1' ? "200 page keep" :
                   digit ? "505 close" : "400 close");
        check_byte(&t, "GET / HTTP/1.", c, "\n\n", c == '0' ? "200 page close" :
                   digit ? "200 page keep" : "400 close");
        check_byte(&t, GET11 "A", c, "B: c\n\n", token || c == ':' ? "200 page keep" :
                   "400 close");
        check_byte(&t, GET11 "A: b", c, "c\n\n", control && c != '\t' ? "400 close" :
                   "200 page keep");
        check_byte(&t, GET11 "Content-Length: 0", c, "0\n\n", c == '0' ?
                   "200 page keep" : digit ? "200 page close" : "400 close");
    }
    return test_end(&t);
}

/* A good request of exactly n bytes with that many fields. */
static void fill_request(char *to, size_t n, size_t fields)
{
    memset(to, 'a', n);
    memcpy(to + n - 4, "\r\n\r\n", 4);
    memcpy(to, GET11, strlen(GET11));
    for (to += strlen(GET11); fields > 1; fields--, to += 5)
        memcpy(to, "a: b\n", 5);
    to[1] = ':';
}

static bool head_limit_holds(void)
{
    struct test t = { "head_limit", 0 };
    char input[2 * HTTP_HEAD_MAX];

    for (size_t fields = 1; fields <= 801; fields += 400) {
        fill_request(input, HTTP_HEAD_MAX, fields);
        check_input(&t, input, HTTP_HEAD_MAX, "200 page keep");
        fill_request(input, HTTP_HEAD_MAX + 1, fields);
        check_input(&t, input, HTTP_HEAD_MAX, "431 close");
    }
    /* a first line that never ends; that ends just in time, but is wrong */
    memset(input, 'a', HTTP_HEAD_MAX);
    check_input(&t, input, HTTP_HEAD_MAX, "431 close");
    input[HTTP_HEAD_MAX - 1] = '\n';
    check_input(&t, input, HTTP_HEAD_MAX, "400 close");
    /* empty lines before it do not count, and alone are never a request */
    memset(input, '\n', HTTP_HEAD_MAX);
    fill_request(input + HTTP_HEAD_MAX, HTTP_HEAD_MAX, 1);
    check_input(&t, input, sizeof input, "200 page keep");
    return test_end(&t);
}

/* A verdict once given stays: 20,000 inputs thrown together, the same each time. */
static bool chance_holds(void)
{
    static const char *const parts[] = {
        "GET ", "HEAD ", "POST ", "/", "/ledger.json", "http://a", "?", " HTTP/1.1",
        " HTTP/1.0", " HTTP/2.0", "\r\n", "\r\n", "\n", "\r", " ", ",", ":", "close",
        "Connection: ", "keep-alive", "Content-Length: ", "0", "5", "A: b", "\t",
        "\x01", "Transfer-Encoding: x", GET11, "HEAD /x HTTP/1.0\r\n", "\r\n\r\n",
    };
    struct test t = { "chance", 0 };
    uint32_t seed = 1;

    for (int round = 0; round < 20000; round++) {
        char input[512] = "", verdict[64] = "";
        struct http_request r;
        size_t n, decided = 0;

        for (int i = 0; i < 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            strcat(input, parts[(seed >> 8) % COUNT(parts)]);
        }
        n = strlen(input);
        while (decided <= n && decode(input, decided, &r, verdict) != HTTP_READY)
            decided++;
        check_prefixes(&t, input, n, decided, verdict);
    }
    return test_end(&t);
}

static bool replies_hold(void)
{
    static const char *const statuses[] = {     /* as in RFC 9110 15 and RFC 6585 5 */
        "200 OK", "400 Bad Request", "404 Not Found", "405 Method Not Allowed",
        "431 Request Header Fields Too Large", "500 Internal Server Error",
        "501 Not Implemented", "503 Service Unavailable",
        "505 HTTP Version Not Supported",
    };
    static const size_t lengths[] = { 0, 9, 10, 1234567890, SIZE_MAX };
    struct test t = { "replies", 0 };
    char type[HTTP_TYPE_MAX + 1] = "";

    memset(type, 't', HTTP_TYPE_MAX);
    for (size_t i = 0; i < COUNT(statuses) * COUNT(lengths) * 2; i++) {
        const char *status = statuses[i / 2 % COUNT(statuses)];
        size_t length = lengths[i / 2 / COUNT(statuses)];
        struct http_request r = { .status = atoi(status), .keep_alive = i % 2 != 0 };
        char expected[512], came[HTTP_REPLY_HEAD_MAX + 1];
        size_t n = (size_t)snprintf(expected, sizeof expected,
            "HTTP/1.1 %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-store\r\nConnection: %s\r\n\r\n", status,
            r.status == 405 ? "Allow: GET, HEAD\r\n" : "",      /* RFC 9110 15.5.6 */
            type, length, r.keep_alive ? "keep-alive" : "close");

        memset(came, '\0', sizeof came);
        if (http_head(came, &r, type, length) != n || strcmp(came, expected) != 0)
            test_fail(&t, came, strlen(came), status, "another head");
        if (strcmp(http_status_text(r.status), status) != 0)
            test_fail(&t, "", 0, status, http_status_text(r.status));
    }
    return test_end(&t);
}

int main(void)
{
    bool good = true;

    good &= table_holds("requests", requests, COUNT(requests));
    good &= table_holds("methods_and_targets", methods_and_targets,
                        COUNT(methods_and_targets));
    good &= table_holds("connections", connections, COUNT(connections));
    good &= table_holds("bodies", bodies, COUNT(bodies));
    good &= table_holds("bad_lines", bad_lines, COUNT(bad_lines));
    good &= every_byte_holds();
    good &= head_limit_holds();
    good &= chance_holds();
    good &= replies_hold();
    return good ? 0 : 1;
}
