#include "calc.h"

#include <stdbool.h>

#include "decimal.h"

/* INT64_MIN has no positive counterpart, so magnitudes are uint64. */
#define MAGNITUDE_MAX ((uint64_t)INT64_MAX)

/* The checks are written out, instead of the compiler's __builtin_add_overflow, to show them.
 * They come before the operation: after a signed overflow it is too late (C11 6.5p5). */
static enum calc_status add(int64_t x, int64_t y, int64_t *r)
{
    if (y > 0 ? x > INT64_MAX - y : x < INT64_MIN - y)
        return CALC_OVERFLOW;
    *r = x + y;
    return CALC_OK;
}

static enum calc_status subtract(int64_t x, int64_t y, int64_t *r)
{
    if (y > 0 ? x < INT64_MIN + y : x > INT64_MAX + y)
        return CALC_OVERFLOW;
    *r = x - y;
    return CALC_OK;
}

static uint64_t magnitude(int64_t v)
{
    return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

static enum calc_status multiply(int64_t x, int64_t y, int64_t *r)
{
    uint64_t a = magnitude(x), b = magnitude(y);
    uint64_t most = MAGNITUDE_MAX + ((x < 0) != (y < 0));

    /* The product of factors below 2^31 fits, so nearly no sum needs the division. */
    if ((a | b) >> 31 != 0 && b != 0 && a > most / b)
        return CALC_OVERFLOW;
    *r = (int64_t)((uint64_t)x * (uint64_t)y);
    return CALC_OK;
}

enum calc_status calc_compute(int64_t x, char op, int64_t y, int64_t *result)
{
    *result = 0;
    switch (op) {
    case '+':
        return add(x, y, result);
    case '-':
        return subtract(x, y, result);
    case '*':
        return multiply(x, y, result);
    case '/':
        if (y == 0)
            return CALC_DIVIDED_BY_ZERO;
        if (y == -1)                        /* x / -1 traps for INT64_MIN */
            return subtract(0, x, result);
        *result = x / y;
        return CALC_OK;
    case '%':
        if (y == 0)
            return CALC_DIVIDED_BY_ZERO;
        *result = y == -1 ? 0 : x % y;      /* and so does x % -1 */
        return CALC_OK;
    default:
        return CALC_UNKNOWN_OPERATOR;
    }
}

/* Read a number at the front of [p, end).  Returns the byte behind it, or NULL if there is no
 * number or it does not fit. */
static const char *read_number(const char *p, const char *end, int64_t *value)
{
    bool negative = p < end && *p == '-';
    uint64_t sum = 0;
    const char *digits, *significant;
    unsigned digit;

    if (p < end && (*p == '-' || *p == '+'))
        p++;
    digits = p;
    while (p < end && *p == '0')
        p++;
    significant = p;
    for (; p < end && (digit = (unsigned)(*p - '0')) <= 9; p++)
        sum = sum * 10 + digit;
    /* Nineteen digits fit uint64, so one check of the sum, here, is enough. */
    if (p == digits || p - significant > 19 || sum > MAGNITUDE_MAX + negative)
        return NULL;
    *value = (int64_t)(negative ? -sum : sum);
    return p;
}

char *calc_answer(char *room, const char *request, size_t n)
{
    const char *end = request + n, *p;
    int64_t x, y, result = 0;
    enum calc_status status = CALC_MALFORMED;

    p = read_number(request, end, &x);
    if (p != NULL && end - p > 3 && p[0] == ' ' && p[1] != ' ' && p[2] == ' '
        && read_number(p + 3, end, &y) == end)
        status = calc_compute(x, p[1], y, &result);
    return calc_format(room, result, status);
}

char *calc_format(char *room, int64_t result, enum calc_status status)
{
    char *p = room + CALC_REPLY_MAX;

    *--p = (char)('0' + status);
    *--p = ' ';
    p = decimal_write(p, magnitude(result));
    if (result < 0)
        *--p = '-';
    return p;
}
