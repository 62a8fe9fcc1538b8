/* Do the services turn the same bytes into the same replies, however the bytes are cut
 * and whatever room there is?
 *
 * calc is judged by tests/lib/oracle.c, which reads the whole stream at once; http by
 * its status lines, one a request.
 */
#include "../../common/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/http.h"
#include "../lib/oracle.h"
#include "unit.h"

static struct workspace work;
static struct ledger ledger = { .age = INT64_C(1500000000), .server = "poll_server",
                                .mechanism = "poll", .service = "http" };

/* A service being fed: what it has replied so far. */
struct feed {
    enum service  service;
    struct buffer in;
    enum progress progress;
    char         *replies;
    size_t        size;
};

static void feed_open(struct feed *f, enum service service)
{
    *f = (struct feed){ .service = service };
    buffer_borrow(&f->in, work.in, &work);
    if ((f->replies = malloc(8 * 1024 * 1024)) == NULL)
        abort();
}

static void feed_serve(struct feed *f)
{
    struct buffer out;

    do {
        out = (struct buffer){ .data = work.out };
        f->progress = service_serve(f->service, &f->in, &out, &ledger);
        if (out.end > BUFFER_OUT || f->in.start > f->in.end)
            abort();
        memcpy(f->replies + f->size, out.data + out.start, buffer_length(&out));
        f->size += buffer_length(&out);
    } while (f->progress == SERVICE_NO_ROOM);
    if (f->progress == SERVICE_LAST)
        f->in.start = f->in.end;
}

static void feed_add(struct feed *f, const char *bytes, size_t n)
{
    buffer_borrow(&f->in, work.in, &work);
    memcpy(f->in.data + f->in.end, bytes, n);
    f->in.end += (uint32_t)n;
    if (f->progress != SERVICE_LAST)
        feed_serve(f);
    if (f->in.data != work.in)     /* echo hands its input over */
        f->in = (struct buffer){ .data = work.in };
}

/* The input ends here. */
static void feed_end(struct feed *f)
{
    struct buffer out = { .data = work.out };

    if (f->progress != SERVICE_BEGUN)
        return;
    service_cut(f->service, &out, &ledger);
    memcpy(f->replies + f->size, out.data, out.end);
    f->size += out.end;
}

/* All of it at once, or in pieces of a random length up to `piece` if that is less. */
static void feed_all(struct feed *f, const char *bytes, size_t n, size_t piece,
                     unsigned long *seed)
{
    while (n > 0) {
        size_t k = piece < n ? 1 + chance(seed) % piece : n;

        feed_add(f, bytes, k);
        bytes += k;
        n -= k;
    }
    feed_end(f);
}

static void names(struct test *t)
{
    enum service s;

    for (int i = SERVICE_CALC; i <= SERVICE_HTTP; i++)
        test_check(t, service_find(service_name((enum service)i), &s) && (int)s == i,
                   "%s is not found", service_name((enum service)i));
    test_check(t, !service_find("", &s) && !service_find("Calc", &s)
                  && !service_find("calcs", &s), "a service of no such name is found");
}

static void check_calc(struct test *t, const char *bytes, size_t n, size_t piece,
                       unsigned long *seed)
{
    char *want = malloc(2 * n + 8);
    size_t size;
    struct feed f;
    bool closes;

    if (want == NULL)
        abort();
    size = oracle_stream(bytes, n, true, want, &closes);
    feed_open(&f, SERVICE_CALC);
    feed_all(&f, bytes, n, piece, seed);
    test_bytes(t, "calc", want, size, f.replies, f.size);
    free(f.replies);
    free(want);
}

static const char *const calc_parts[] = {
    "9@10 + 1234@", "5@1 / 0@", "0@@", "\n", " \t\r", "\r\n", "5@1 x 2@", "1@@@",
    "25@9223372036854775807 * 123@", "25@-9223372036854775808 - 1@", "9@10 +\n1234@",
    "10@00000 % 01@", "11@0000000 % 1@"
};

static size_t calc_stream(char *to, size_t parts, unsigned long *seed)
{
    size_t n = 0;

    while (parts-- > 0) {
        const char *part = calc_parts[chance(seed) % (sizeof calc_parts
                                                      / sizeof calc_parts[0])];

        memcpy(to + n, part, strlen(part));
        n += strlen(part);
    }
    return n;
}

static void calc_however_cut(struct test *t)
{
    static const size_t pieces[] = { 1, 2, 7, 100, 16384 };
    unsigned long seed = 1;
    char bytes[32 * 300];

    for (int round = 0; round < 200; round++) {
        size_t n = calc_stream(bytes, chance(&seed) % 300, &seed);

        if (round % 4 == 1 && n > 0)
            bytes[chance(&seed) % n] = (char)chance(&seed);
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
            check_calc(t, bytes, n, pieces[i], &seed);
    }
}

/* One piece whose replies are many times what the output has room for. */
static void calc_crowded(struct test *t)
{
    static char bytes[BUFFER_IN];
    unsigned long seed = 1;

    memset(bytes, '\n', sizeof bytes);
    check_calc(t, bytes, sizeof bytes, 1, &seed);
    for (size_t i = 0; i + 3 < sizeof bytes; i += 3)
        memcpy(bytes + i, "0@@", 3);
    for (size_t n = sizeof bytes - 4; n < sizeof bytes; n++)
        check_calc(t, bytes, n, n, &seed);
    /* Replies of two bytes, behind one of seven: the end of the room is met by half. */
    memset(bytes, '\n', sizeof bytes);
    memcpy(bytes, "5@0 - 1@", 8);
    check_calc(t, bytes, sizeof bytes, sizeof bytes, &seed);
    memset(bytes, '\n', sizeof bytes - 4);
    memcpy(bytes + sizeof bytes - 4, "999@", 4);
    for (size_t n = sizeof bytes - 4; n <= sizeof bytes; n++)
        check_calc(t, bytes, n, n, &seed);
}

static void echo(struct test *t)
{
    unsigned long seed = 1;
    char bytes[5000];
    struct feed f;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)chance(&seed);
    feed_open(&f, SERVICE_ECHO);
    feed_all(&f, bytes, sizeof bytes, 500, &seed);
    test_bytes(t, "echo", bytes, sizeof bytes, f.replies, f.size);
    free(f.replies);
}

/* Take the replies apart: "200 404 400!", with ! where it closes.  `heads` has an h for
 * each reply that has no body though one is announced. */
static void describe(struct test *t, const struct feed *f, const char *heads, char *to)
{
    const char *p = f->replies, *end = p + f->size;

    *to = '\0';
    while (p < end) {
        const char *body = strstr(p, "\r\n\r\n");
        const char *length = strstr(p, "Content-Length: ");
        const char *close = strstr(p, "Connection: close");
        unsigned size;
        int status;

        if (body == NULL || length == NULL || length > body
            || sscanf(p, "HTTP/1.1 %d", &status) != 1
            || sscanf(length, "Content-Length: %u", &size) != 1) {
            test_check(t, false, "no reply, but: %.60s", p);
            return;
        }
        to += sprintf(to, "%s%d%s", p > f->replies ? " " : "", status,
                      close != NULL && close < body ? "!" : "");
        p = body + 4 + (*heads == 'h' ? 0 : size);
        heads += *heads != '\0';
    }
    test_check(t, p == end, "the last reply is cut short");
}

static void check_http(struct test *t, const char *bytes, const char *heads,
                       const char *want)
{
    for (size_t piece = 1; piece <= 64; piece *= 8) {
        char came[4096];
        unsigned long seed = piece;
        struct feed f;

        feed_open(&f, SERVICE_HTTP);
        feed_all(&f, bytes, strlen(bytes), piece, &seed);
        f.replies[f.size] = '\0';
        describe(t, &f, heads, came);
        test_bytes(t, bytes, want, strlen(want), came, strlen(came));
        free(f.replies);
    }
}

#define GET(target) "GET " target " HTTP/1.1\r\n\r\n"

static void http_replies(struct test *t)
{
    static char long_head[HTTP_HEAD_MAX + 2];

    check_http(t, GET("/"), "", "200");
    check_http(t, GET("/") GET("/x") "\r\n\r\n" GET("/ledger.json"), "", "200 404 200");
    check_http(t, "HEAD / HTTP/1.1\r\n\r\n" GET("/x"), "hb", "200 404");
    check_http(t, "POST / HTTP/1.1\r\n\r\nBREW / HTTP/1.1\r\n\r\n", "", "405 501");
    check_http(t, "GET / HTTP/1.0\r\n\r\n" GET("/"), "", "200!");
    check_http(t, GET("/") "nonsense\r\n" GET("/"), "", "200 400!");
    check_http(t, GET("/") "GET / HTTP/2.0\r\n" GET("/"), "", "200 505!");
    check_http(t, GET("/") "GET / HT", "", "200 400!");      /* cut short */
    check_http(t, "\r\n\r\n", "", "");
    memset(long_head, 'x', sizeof long_head - 1);
    memcpy(long_head, "GET /", 5);
    check_http(t, long_head, "", "431!");
}

static void http_bodies(struct test *t)
{
    struct feed f;
    char *body;

    ledger.requests = 41;
    feed_open(&f, SERVICE_HTTP);
    feed_add(&f, GET("/"), strlen(GET("/")));
    f.replies[f.size] = '\0';
    body = strstr(f.replies, "\r\n\r\n") + 4;
    test_check(t, strncmp(body, "<!DOCTYPE html>", 15) == 0
                  && strstr(body, "<strong>poll</strong>") != NULL
                  && strstr(body, "requests                      42  ") != NULL
                  && strstr(body, "</html>\n") != NULL, "the page: %s", body);
    f.size = 0;
    feed_add(&f, GET("/ledger.json"), strlen(GET("/ledger.json")));
    f.replies[f.size] = '\0';
    body = strstr(f.replies, "\r\n\r\n") + 4;
    test_check(t, strncmp(body, "{\"server\":\"poll_server\"", 23) == 0
                  && strstr(body, "\"seconds\":1.500") != NULL
                  && strstr(body, "\"requests\":43,") != NULL, "the ledger: %s", body);
    f.size = 0;
    feed_add(&f, GET("/x"), strlen(GET("/x")));
    f.replies[f.size] = '\0';
    body = strstr(f.replies, "\r\n\r\n") + 4;
    test_check(t, strcmp(body, "404 Not Found\n") == 0, "404 says: %s", body);
    free(f.replies);
}

/* More pages than the output has room for; each reply is there, and whole. */
static void http_crowded(struct test *t)
{
    enum { PAGES = 800 };
    static char bytes[PAGES * 20];
    unsigned long seed = 1;
    char came[8192], want[8192] = "";
    struct feed f;
    size_t n = 0;

    for (int i = 0; i < PAGES; i++) {
        n += (size_t)sprintf(bytes + n, "GET / HTTP/1.1\n\n");
        sprintf(want + strlen(want), "%s200", i > 0 ? " " : "");
    }
    feed_open(&f, SERVICE_HTTP);
    feed_all(&f, bytes, n, n, &seed);
    f.replies[f.size] = '\0';
    describe(t, &f, "", came);
    test_check(t, strcmp(came, want) == 0, "replies: %s", came);
    free(f.replies);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "names", names },
        { "calc_however_cut", calc_however_cut },
        { "calc_crowded", calc_crowded },
        { "echo", echo },
        { "http_replies", http_replies },
        { "http_bodies", http_bodies },
        { "http_crowded", http_crowded },
        { NULL, NULL }
    };

    return test_main("service", cases);
}
