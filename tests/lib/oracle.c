#define _GNU_SOURCE
#include "oracle.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Sign and size: of sums and products it shows that they are too large before they are
 * cut down to 64 bits, and any machine can do it. */
struct number {
    bool negative;
    bool too_large;  /* the size is 2^64 or more, and `size` means nothing */
    uint64_t size;
};

static bool fits(struct number n)
{
    return !n.too_large && n.size <= (uint64_t)INT64_MAX + n.negative;
}

static struct number add(struct number a, struct number b)
{
    if (a.negative == b.negative)
        return (struct number){ a.negative, a.size + b.size < a.size, a.size + b.size };
    if (a.size < b.size)
        return add(b, a);
    return (struct number){ a.negative, false, a.size - b.size };
}

static struct number negated(struct number n)
{
    n.negative = !n.negative;
    return n;
}

static struct number multiply(struct number a, struct number b)
{
    return (struct number){ a.negative != b.negative,
                            a.size != 0 && b.size > UINT64_MAX / a.size,
                            a.size * b.size };
}

/* Neither is asked with b = 0. */
static struct number quotient(struct number a, struct number b)
{
    return (struct number){ a.negative != b.negative, false, a.size / b.size };
}

static struct number rest(struct number a, struct number b)
{
    return (struct number){ a.negative, false, a.size % b.size };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number filling exactly `len` bytes. */
static bool parse_number(const char *text, size_t len, struct number *value)
{
    bool sign = len > 0 && strchr("+-", text[0]);
    struct number ten = { false, false, 10 }, v = { false, false, 0 };

    if (len == 0 || !text[0] || len == (size_t)sign)
        return false;
    for (size_t i = sign; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
        v = multiply(v, ten);
        if (!v.too_large)
            v = add(v, (struct number){ false, false, (uint64_t)(text[i] - '0') });
        if (v.too_large)
            return false;
    }
    v.negative = text[0] == '-';
    *value = v;
    return fits(v);
}

/* "X OP Y": the operator stands alone between the only two spaces. */
static bool parse_request(const char *p, size_t len, struct number *x, char *op,
                          struct number *y)
{
    const char *space = memchr(p, ' ', len);
    size_t first = space ? (size_t)(space - p) : len;

    if (first + 4 > len || p[first + 1] == ' ' || p[first + 2] != ' ')
        return false;
    *op = p[first + 1];
    return parse_number(p, first, x)
           && parse_number(p + first + 3, len - first - 3, y);
}

size_t oracle_calc(const char *payload, size_t len, char out[ORACLE_REPLY])
{
    struct number x, y, r = { false, false, 0 };
    int status = 0;
    char op;

    if (!parse_request(payload, len, &x, &op, &y))
        status = 4;
    else if (!op || !strchr("+-*/%", op))
        status = 2;
    else if (y.size == 0 && (op == '/' || op == '%'))
        status = 1;
    else
        r = op == '+'   ? add(x, y)
            : op == '-' ? add(x, negated(y))
            : op == '*' ? multiply(x, y)
            : op == '/' ? quotient(x, y)
                        : rest(x, y);
    if (!fits(r))
        status = 3;
    if (status != 0)
        r.size = 0;
    return (size_t)snprintf(out, ORACLE_REPLY, "%s%" PRIu64 " %d",
                            r.negative && r.size != 0 ? "-" : "", r.size, status);
}

static size_t frame(char reply[ORACLE_REPLY], const char *payload, size_t len)
{
    return (size_t)snprintf(reply, ORACLE_REPLY, "%zu@%.*s@", len, (int)len, payload);
}

enum oracle_step oracle_step(const char *in, size_t len, size_t *used,
                             char reply[ORACLE_REPLY], size_t *reply_len)
{
    size_t digits = 0, length = 0;
    char payload[ORACLE_REPLY];

    *reply_len = 0;
    if (len == 0)
        return ORACLE_MORE;
    if (in[0] && strchr(" \t\r\n", in[0])) {
        *used = 1;
        if (in[0] == '\n')
            *reply_len = (size_t)snprintf(reply, ORACLE_REPLY, "\r\n");
        return ORACLE_DONE;
    }
    for (; digits < len && is_digit(in[digits]); digits++) {
        length = length * 10 + (size_t)(in[digits] - '0');
        if (length > 4095 || (digits > 0 && in[0] == '0'))
            return ORACLE_BAD;
    }
    if (digits == len)
        return ORACLE_MORE;
    if (digits == 0 || in[digits] != '@')
        return ORACLE_BAD;
    if (len < digits + 1 + length + 1)
        return ORACLE_MORE;
    *used = digits + 1 + length + 1;
    if (in[*used - 1] != '@')
        return ORACLE_BAD;
    *reply_len = frame(reply, payload, oracle_calc(in + digits + 1, length, payload));
    return ORACLE_DONE;
}

size_t oracle_stream(const char *in, size_t len, bool eof, char *out, bool *closes)
{
    size_t at = 0, n = 0, used, reply_len;
    char reply[ORACLE_REPLY];
    enum oracle_step step;

    while ((step = oracle_step(in + at, len - at, &used, reply, &reply_len)) ==
           ORACLE_DONE) {
        memcpy(out + n, reply, reply_len);
        n += reply_len;
        at += used;
    }
    *closes = eof || step == ORACLE_BAD;
    if (step == ORACLE_BAD || (eof && at < len))
        n += frame(out + n, "0 5", 3);
    return n;
}
