/* Does common/calc agree with arithmetic in 128 bits, and with docs/protocol.md about
 * what is a sum and what is not?
 *
 * Which text is malformed is judged by tests/lib/oracle.c as well, a second reading of
 * the rules that shares no code with the calculator.
 */
#include "../../common/calc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/oracle.h"
#include "unit.h"

static const char operators[] = "+-*/%";

/* Numbers where something may go wrong: powers of two and of ten and their neighbours,
 * the limits, the square root of the limit, all with both signs. */
static size_t make_numbers(int64_t *to)
{
    static const uint64_t more[] = { 3037000499, UINT64_C(6148914691236517205),
                                     1234, 46341 };
    size_t n = 0;

    for (int bit = 0; bit < 64; bit++)
        for (uint64_t d = 0; d < 3; d++) {
            uint64_t v = (UINT64_C(1) << bit) + d - 1;

            to[n++] = (int64_t)v;
            to[n++] = (int64_t)-v;
        }
    for (uint64_t p = 10, i = 0; i < 19; i++, p *= 10)
        for (uint64_t d = 0; d < 3; d++)
            to[n++] = (int64_t)(p + d - 1);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        for (uint64_t d = 0; d < 3; d++) {
            to[n++] = (int64_t)(more[i] + d - 1);
            to[n++] = (int64_t)-(more[i] + d - 1);
        }
    return n;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;

static enum calc_status expect(int64_t x, char op, int64_t y, int64_t *result)
{
    wide a = x, b = y, r = 0;

    *result = 0;
    if ((op == '/' || op == '%') && y == 0)
        return CALC_DIVIDED_BY_ZERO;
    switch (op) {
    case '+': r = a + b; break;
    case '-': r = a - b; break;
    case '*': r = a * b; break;
    case '/': r = a / b; break;
    case '%': r = a % b; break;
    default: return CALC_UNKNOWN_OPERATOR;
    }
    if (r < INT64_MIN || r > INT64_MAX)
        return CALC_OVERFLOW;
    *result = (int64_t)r;
    return CALC_OK;
}
#else
/* No 128 bits on a machine of 32: then the oracle alone judges. */
static enum calc_status expect(int64_t x, char op, int64_t y, int64_t *result)
{
    char payload[64], reply[ORACLE_REPLY];
    int status = -1, n = snprintf(payload, sizeof payload, "%" PRId64 " %c %" PRId64, x,
                                  op, y);

    oracle_calc(payload, (size_t)n, reply);
    sscanf(reply, "%" SCNd64 " %d", result, &status);
    return (enum calc_status)status;
}
#endif

static void boundary_cross_product(struct test *t)
{
    int64_t numbers[1024];
    size_t n = make_numbers(numbers);

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (const char *op = operators; *op != '\0'; op++) {
                int64_t want, came = 77;
                enum calc_status status = expect(numbers[i], *op, numbers[j], &want);
                enum calc_status s = calc_compute(numbers[i], *op, numbers[j], &came);

                test_check(t, s == status && came == want,
                           "%" PRId64 " %c %" PRId64 ": expected %" PRId64
                           " %d, came %" PRId64 " %d", numbers[i], *op, numbers[j],
                           want, (int)status, came, (int)s);
            }
}

/* A reply stands at the end of a room of this size, no byte is written beside it. */
struct room {
    char bytes[CALC_REPLY_MAX];
    const char *reply;
    size_t size;
};

static void answer(struct room *r, const char *request, size_t n)
{
    char *copy = exact_copy(request, n), *room = exact_copy(r->bytes, CALC_REPLY_MAX);
    size_t before = (size_t)(calc_answer(room, copy, n) - room);

    memcpy(r->bytes, room, CALC_REPLY_MAX);
    r->reply = r->bytes + before;
    r->size = CALC_REPLY_MAX - before;
    free(copy);
    free(room);
}

static void check_answer(struct test *t, const char *request, size_t n,
                         const char *want)
{
    struct room r = { "", NULL, 0 };

    answer(&r, request, n);
    test_bytes(t, request, want, strlen(want), r.reply, r.size);
}

/* The same sums as text, there and back. */
static void sums_as_text(struct test *t)
{
    static const int64_t numbers[] = {
        INT64_MIN, INT64_MIN + 1, INT64_MIN / 10, -INT64_C(4294967296), -1234, -10, -9,
        -2, -1, 0, 1, 2, 9, 10, 99, 100, 1234, 4294967296, INT64_MAX / 10,
        INT64_C(1000000000000000000), INT64_C(999999999999999999), INT64_MAX - 1,
        INT64_MAX
    };
    enum { N = sizeof numbers / sizeof numbers[0] };

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (const char *op = "+-*/%^"; *op != '\0'; op++) {
                char request[64], want[32];
                int64_t result;
                enum calc_status s = expect(numbers[i], *op, numbers[j], &result);
                int n = sprintf(request, "%" PRId64 " %c %" PRId64, numbers[i], *op,
                                numbers[j]);

                sprintf(want, "%" PRId64 " %d", result, (int)s);
                check_answer(t, request, (size_t)n, want);
                n = sprintf(request, "%+" PRId64 " %c %+022" PRId64, numbers[i], *op,
                            numbers[j]);
                check_answer(t, request, (size_t)n, want);
            }
}

static void good_and_malformed(struct test *t)
{
    static const struct {
        const char *request, *reply;
    } rows[] = {
        { "10 + 1234", "1244 0" }, { "-7 / 2", "-3 0" }, { "7 / -2", "-3 0" },
        { "-7 % 2", "-1 0" }, { "7 % -2", "1 0" }, { "+5 - +7", "-2 0" },
        { "-0 * 5", "0 0" }, { "007 + 0008", "15 0" }, { "1 / 0", "0 1" },
        { "1 % 0", "0 1" }, { "0 / 0", "0 1" }, { "1 & 2", "0 2" }, { "1 @ 2", "0 2" },
        { "1 1 2", "0 2" }, { "1 \n 2", "0 2" }, { "1 \xff 2", "0 2" },
        { "9223372036854775807 + 1", "0 3" }, { "-9223372036854775808 - 1", "0 3" },
        { "-9223372036854775808 / -1", "0 3" }, { "-9223372036854775808 % -1", "0 0" },
        { "-9223372036854775808 * -1", "0 3" }, { "-9223372036854775808 * 1",
          "-9223372036854775808 0" },
        { "9223372036854775807 + 0", "9223372036854775807 0" },
        { "-9223372036854775808 + 0", "-9223372036854775808 0" },
        { "4294967296 * 2147483648", "0 3" }, { "3037000500 * 3037000500", "0 3" },
        { "3037000499 * 3037000499", "9223372030926249001 0" },
        { "00000000000000000000000000000000009223372036854775807 - 0",
          "9223372036854775807 0" },
        { "", "0 4" }, { " ", "0 4" }, { "1", "0 4" }, { "1 ", "0 4" },
        { "1 +", "0 4" },
        { "1 + ", "0 4" }, { "1 + -", "0 4" }, { "- + 1", "0 4" }, { "+ + +", "0 4" },
        { " 1 + 2", "0 4" }, { "1 + 2 ", "0 4" }, { "1  + 2", "0 4" },
        { "1 +  2", "0 4" }, { "1   2", "0 4" }, { "1\t+\t2", "0 4" }, { "1+2", "0 4" },
        { "1 +2", "0 4" }, { "1+ 2", "0 4" }, { "1 ++ 2", "0 4" }, { "1 + 2x", "0 4" },
        { "x1 + 2", "0 4" }, { "1 + 2\n", "0 4" }, { "--1 + 2", "0 4" },
        { "+-1 + 2", "0 4" }, { "1 + - 2", "0 4" }, { "1.5 + 2", "0 4" },
        { "0x1 + 2", "0 4" }, { "1 + 2 + 3", "0 4" }, { "1e3 + 2", "0 4" },
        { "9223372036854775808 + 0", "0 4" }, { "0 + 9223372036854775808", "0 4" },
        { "-9223372036854775809 + 0", "0 4" }, { "99999999999999999999 + 0", "0 4" },
        { "18446744073709551616 + 0", "0 4" }, { "92233720368547758070 + 0", "0 4" },
        /* malformed wins over the other statuses */
        { "1 / 0 ", "0 4" }, { "1 & 99999999999999999999", "0 4" }, { "x & 2", "0 4" }
    };
    char bytes[] = "1 + 2";

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_answer(t, rows[i].request, strlen(rows[i].request), rows[i].reply);
    bytes[2] = '\0';
    check_answer(t, bytes, 5, "0 2");           /* NUL is an operator nobody knows */
    check_answer(t, "1 + 2\0", 6, "0 4");
    check_answer(t, "\0", 1, "0 4");
}

static void check_with_oracle(struct test *t, const char *request, size_t n)
{
    struct room r = { "", NULL, 0 };
    char want[ORACLE_REPLY];
    size_t size = oracle_calc(request, n, want);

    answer(&r, request, n);
    test_bytes(t, request, want, size, r.reply, r.size);
}

/* Every byte in place of every byte, before every byte, and every byte taken away. */
static void every_byte_everywhere(struct test *t)
{
    static const char *const sums[] = { "10 + 1234", "-9223372036854775808 % -1",
                                        "+0 / 007", "3 * -4" };

    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        size_t n = strlen(sums[i]);
        char bytes[64];

        for (size_t at = 0; at <= n; at++) {
            memcpy(bytes, sums[i], at);
            memcpy(bytes + at + 1, sums[i] + at, n - at);
            for (int c = 0; c < 256; c++) {
                bytes[at] = (char)c;
                check_with_oracle(t, bytes, n + 1);
                if (at == n)
                    continue;
                memcpy(bytes + at + 1, sums[i] + at + 1, n - at - 1);
                check_with_oracle(t, bytes, n);
                memcpy(bytes + at + 1, sums[i] + at, n - at);
            }
            memcpy(bytes + at, sums[i] + at + 1, at < n ? n - at - 1 : 0);
            check_with_oracle(t, bytes, at < n ? n - 1 : n);
        }
        for (size_t k = 0; k < n; k++)
            check_with_oracle(t, sums[i], k);
    }
}

static void formats(struct test *t)
{
    static const struct {
        int64_t result;
        enum calc_status status;
        const char *text;
    } rows[] = {
        { 0, CALC_OK, "0 0" }, { -1, CALC_OK, "-1 0" }, { 10, CALC_OK, "10 0" },
        { 1234567890, CALC_OK, "1234567890 0" },
        { INT64_MAX, CALC_OK, "9223372036854775807 0" },
        { INT64_MIN, CALC_OK, "-9223372036854775808 0" },
        { 0, CALC_DIVIDED_BY_ZERO, "0 1" }, { 0, CALC_UNKNOWN_OPERATOR, "0 2" },
        { 0, CALC_OVERFLOW, "0 3" }, { 0, CALC_MALFORMED, "0 4" },
        { 0, CALC_BAD_FRAME, "0 5" }, { 0, CALC_SERVER_FULL, "0 6" }
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char room[CALC_REPLY_MAX];
        const char *reply = calc_format(room, rows[i].result, rows[i].status);
        size_t n = (size_t)(room + CALC_REPLY_MAX - reply);

        test_bytes(t, "calc_format", rows[i].text, strlen(rows[i].text), reply, n);
    }
}

int main(void)
{
    static const struct test_case cases[] = {
        { "boundary_cross_product", boundary_cross_product },
        { "sums_as_text", sums_as_text },
        { "good_and_malformed", good_and_malformed },
        { "every_byte_everywhere", every_byte_everywhere },
        { "formats", formats },
        { NULL, NULL }
    };

    return test_main("calc", cases);
}
