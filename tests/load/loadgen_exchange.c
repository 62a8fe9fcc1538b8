#include "loadgen_exchange.h"

#include <inttypes.h>
#include <string.h>

#define REFUSAL "3@0 6@"        /* of calc; http says 503, echo nothing */

/* Now and then one of these: they are where calculators differ. */
static const struct {
    const char *ask, *answer;
} hard_sums[] = {
    {"9223372036854775807 + 1", "0 3"},
    {"-9223372036854775808 - 1", "0 3"},
    {"4294967296 * 2147483648", "0 3"},
    {"-9223372036854775808 / -1", "0 3"},
    {"-9223372036854775808 % -1", "0 0"},
    {"-4294967296 * 2147483648", "-9223372036854775808 0"},
    {"-7 / 2", "-3 0"},
    {"-7 % 2", "-1 0"},
    {"7 / 0", "0 1"},
    {"7 % 0", "0 1"},
    {"6 ^ 7", "0 2"},
    {"6 + seven", "0 4"},
};
#define HARD_SUMS (sizeof hard_sums / sizeof hard_sums[0])
#define HARD_EVERY 16u

/* splitmix64 (Steele, Lea and Flood, 2014): any seed will do, 0 too. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Up to 31 bits, short and long ones alike: no operation on two of these overflows. */
static int64_t random_operand(uint64_t *state)
{
    uint64_t r = random_next(state);
    int64_t value = (int64_t)((r >> 8 & 0x7fffffff) >> r % 28);

    return r >> 63 ? -value : value;
}

static int64_t result_of(int64_t x, char op, int64_t y)
{
    switch (op) {
    case '+': return x + y;
    case '-': return x - y;
    case '*': return x * y;
    case '/': return x / y;
    default:  return x % y;
    }
}

static void tape_frame(struct tape *tape, const char *payload)
{
    unsigned size = (unsigned)strlen(payload);

    tape->period += (unsigned)sprintf((char *)tape->text + tape->period, "%u@%s@", size,
                                      payload);
    tape->start[++tape->messages] = tape->period;
}

/* Fills the chunk behind the period: there the tape begins again, over and over. */
static void tape_close(struct tape *tape)
{
    for (size_t k = tape->period; k < sizeof tape->text; k++)
        tape->text[k] = tape->text[k - tape->period];
}

static void write_sums(struct exchange *x, uint64_t seed)
{
    for (unsigned k = 0; k < TAPE_MESSAGES; k++) {
        int64_t a = random_operand(&seed), b = random_operand(&seed);
        char op = "+-*/%"[random_next(&seed) % 5];
        char sum[64];

        if (k % HARD_EVERY == HARD_EVERY - 1) {
            tape_frame(&x->ask, hard_sums[k / HARD_EVERY % HARD_SUMS].ask);
            tape_frame(&x->answer, hard_sums[k / HARD_EVERY % HARD_SUMS].answer);
            continue;
        }
        if (b == 0)
            b = 1;
        snprintf(sum, sizeof sum, "%" PRId64 " %c %" PRId64, a, op, b);
        tape_frame(&x->ask, sum);
        snprintf(sum, sizeof sum, "%" PRId64 " 0", result_of(a, op, b));
        tape_frame(&x->answer, sum);
    }
}

static void write_bytes(struct exchange *x, unsigned bytes, uint64_t seed)
{
    x->ask.period = TAPE_PERIOD;
    x->ask.messages = 1;
    x->ask.start[1] = bytes;
    for (unsigned k = 0; k < TAPE_PERIOD; k++)
        x->ask.text[k] = (unsigned char)(random_next(&seed) >> 56);
    x->answer = x->ask;
    x->stride = 127;
}

static void write_get(struct exchange *x, const char *host)
{
    int size = snprintf((char *)x->ask.text, TAPE_PERIOD,
                        "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);

    x->ask.period = x->ask.start[1] = (unsigned)size;
    x->ask.messages = 1;
}

void exchange_make(struct exchange *x, enum service service, unsigned bytes,
                   uint64_t seed, const char *host)
{
    memset(x, 0, sizeof *x);
    x->service = service;
    switch (service) {
    case SERVICE_CALC: write_sums(x, seed); break;
    case SERVICE_ECHO: write_bytes(x, bytes, seed); break;
    case SERVICE_HTTP: write_get(x, host); break;
    }
    tape_close(&x->ask);
    if (service != SERVICE_HTTP)
        tape_close(&x->answer);
}

void exchange_begin(const struct exchange *x, unsigned number, struct place *ask,
                    struct checked *answer)
{
    memset(answer, 0, sizeof *answer);
    ask->message = number * 37u % x->ask.messages;
    answer->place.message = ask->message;
    ask->at = (x->ask.start[ask->message] + number * x->stride) % x->ask.period;
    if (x->service != SERVICE_HTTP)
        answer->place.at =
            (x->answer.start[ask->message] + number * x->stride) % x->answer.period;
}

static unsigned message_next(const struct tape *tape, struct place *p)
{
    unsigned k = p->message;

    p->message = k + 1 < tape->messages ? k + 1 : 0;
    return tape->start[k + 1] - tape->start[k];
}

unsigned exchange_ask(const struct exchange *x, struct place *p)
{
    return message_next(&x->ask, p);
}

void tape_skip(const struct tape *tape, struct place *p, size_t bytes)
{
    size_t at = p->at + bytes;

    p->at = (unsigned)(at < tape->period ? at : at % tape->period);
}

static enum verdict check_tape(const struct exchange *x, struct checked *c,
                               const unsigned char *data, size_t n, unsigned owed,
                               unsigned *complete)
{
    const struct tape *tape = &x->answer;
    struct place place = c->place;
    unsigned message = place.message, done = c->done + (unsigned)n, size, found = 0;

    if (memcmp(data, tape->text + c->place.at, n) != 0) {
        size_t refusal = sizeof REFUSAL - 1;

        c->complaint = "a reply is not what it should be";
        return x->service == SERVICE_CALC && !c->spoken && n >= refusal
               && memcmp(data, REFUSAL, refusal) == 0 ? VERDICT_REFUSED : VERDICT_WRONG;
    }
    tape_skip(tape, &place, n);
    while (done >= (size = message_next(tape, &place))) {
        done -= size;
        message = place.message;
        found++;
    }
    c->complaint = "more came than was asked for";
    if (found + (done > 0) > owed)
        return VERDICT_WRONG;
    place.message = message;
    c->place = place;
    c->done = done;
    *complete += found;
    return VERDICT_RIGHT;
}

static enum verdict check_http(struct checked *c, const unsigned char *data, size_t n,
                               unsigned owed, unsigned *complete)
{
    unsigned found = 0;

    while (n > 0) {
        size_t taken = 0;
        int ended = 0;
        enum verdict v;

        c->complaint = "more came than was asked for";
        if (found == owed)
            return VERDICT_WRONG;
        v = http_take(&c->http, data, n, &taken, &ended, &c->complaint);
        if (v == VERDICT_REFUSED && c->spoken)
            v = VERDICT_WRONG;
        if (v != VERDICT_RIGHT)
            return v;
        found += (unsigned)ended;
        data += taken;
        n -= taken;
    }
    *complete += found;
    return VERDICT_RIGHT;
}

enum verdict exchange_check(const struct exchange *x, struct checked *c,
                            const unsigned char *data, size_t n, unsigned owed,
                            unsigned *complete)
{
    enum verdict v = x->service == SERVICE_HTTP
                         ? check_http(c, data, n, owed, complete)
                         : check_tape(x, c, data, n, owed, complete);

    c->spoken = 1;
    return v;
}

static void print_bytes(const unsigned char *data, size_t n, FILE *to)
{
    putc('"', to);
    for (size_t k = 0; k < n; k++) {
        if (data[k] < ' ' || data[k] > '~' || data[k] == '"' || data[k] == '\\')
            fprintf(to, "\\x%02x", data[k]);
        else
            putc(data[k], to);
    }
    putc('"', to);
}

/* The byte that differs, with at most 8 before it and in all at most 32. */
static void explain_tape(const struct exchange *x, const struct checked *c,
                         const unsigned char *data, size_t n, FILE *to)
{
    const unsigned char *right = x->answer.text + c->place.at;
    struct place place = c->place;
    size_t differs = 0, from, end = 0;      /* end: of the reply, in data */
    unsigned k;

    while (data[differs] == right[differs])
        differs++;
    do {
        k = place.message;
        end += message_next(&x->answer, &place);
    } while (end - c->done <= differs);
    end -= c->done;
    from = differs < 8 ? 0 : differs - 8;
    if (x->service == SERVICE_CALC) {
        const unsigned *start = x->ask.start;

        fputs(": asked ", to);
        print_bytes(x->ask.text + start[k], start[k + 1] - start[k], to);
    }
    fputs(x->service == SERVICE_CALC ? ", due " : ": due ", to);
    print_bytes(right + from, end - from < 32 ? end - from : 32, to);
    fputs(", came ", to);
    print_bytes(data + from, n - from < 32 ? n - from : 32, to);
}

void exchange_explain(const struct exchange *x, const struct checked *c,
                      const unsigned char *data, size_t n, FILE *to)
{
    fputs(c->complaint, to);
    if (x->service == SERVICE_HTTP) {
        fputs(": ", to);
        if (c->http.used > 0)
            print_bytes((const unsigned char *)c->http.line, c->http.used, to);
        else
            print_bytes(data, n < 32 ? n : 32, to);
    } else if (memcmp(data, x->answer.text + c->place.at, n) != 0) {
        explain_tape(x, c, data, n, to);
    }
    putc('\n', to);
}
