/* pure - run one of the pure parts a given number of times, for an instruction counter.
 *
 *     usage: pure CASE TIMES        pure -l lists the cases
 *
 * tests/bench/instructions runs it under callgrind with two numbers of times and divides the
 * difference: what start-up costs cancels out, and what is left is exact and the same
 * on every run, however busy the machine is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/calc.h"
#include "../../common/conn.h"
#include "../../common/frame.h"
#include "../../common/http.h"

/* What the results go into, so that no compiler can leave the work out. */
static volatile size_t sink;

static const char frame[] = "11@1234 + 5678@";
static const char long_sum[] = "-922337203685477580 * 9";
static const char get[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8083\r\nUser-Agent: curl/7.88.1\r\n"
                          "Accept: */*\r\n\r\n";

static void decode(void)
{
    struct frame f;

    sink = frame_decode(frame, sizeof frame - 1, &f) + f.size;
}

static void encode(void)
{
    char to[64];

    sink = frame_encode(to, "6912 0", 6);
}

static void answer_short(void)
{
    char to[CALC_REPLY_MAX];

    sink = (size_t)*calc_answer(to, "1234 + 5678", 11);
}

static void answer_long(void)
{
    char to[CALC_REPLY_MAX];

    sink = (size_t)*calc_answer(to, long_sum, sizeof long_sum - 1);
}

static void http(void)
{
    struct http_request r;

    sink = (size_t)http_decode(get, sizeof get - 1, &r) + r.size;
}

/* A pipeline of 16 requests, from the input buffer into the output buffer. */
static void pipeline(void)
{
    static struct workspace work;
    static struct ledger ledger;
    struct buffer in = { .data = work.in }, out = { .data = work.out };

    for (int i = 0; i < 16; i++, in.end += sizeof frame - 1)
        memcpy(work.in + in.end, frame, sizeof frame - 1);
    sink = (size_t)service_serve(SERVICE_CALC, &in, &out, &ledger) + out.end;
}

/* What relinking a timer costs a request. */
static void timer(void)
{
    static struct clock k;
    static struct timer t[2];

    if (k.length[0] == 0) {
        clock_init(&k, 1, 1, 1);
        link_init(&t[0].link);
        link_init(&t[1].link);
        clock_start(&k, &t[1], CLOCK_QUIET);
    }
    clock_start(&k, &t[0], CLOCK_QUIET);
    sink = (size_t)t[0].due;
}

static const struct {
    const char *name;
    void (*run)(void);
    const char *what;
} cases[] = {
    { "frame_decode", decode, "a frame of 15 bytes" },
    { "frame_encode", encode, "a reply of 6 bytes" },
    { "calc_answer", answer_short, "1234 + 5678" },
    { "calc_answer_long", answer_long, "-922337203685477580 * 9" },
    { "http_decode", http, "what curl sends" },
    { "calc_pipeline_16", pipeline, "16 requests through the calc service" },
    { "clock_start", timer, "a timer started anew" }
};

int main(int argc, char **argv)
{
    size_t n = sizeof cases / sizeof cases[0];

    if (argc == 2 && strcmp(argv[1], "-l") == 0) {
        for (size_t i = 0; i < n; i++)
            printf("%s %s\n", cases[i].name, cases[i].what);
        return 0;
    }
    if (argc == 3)
        for (size_t i = 0; i < n; i++)
            if (strcmp(argv[1], cases[i].name) == 0) {
                for (long times = atol(argv[2]); times > 0; times--)
                    cases[i].run();
                return 0;
            }
    fprintf(stderr, "usage: pure CASE TIMES, or pure -l for the cases\n");
    return 2;
}
