/* Sums: any payload, by the calculator and by the oracle; and any two numbers, against
 * arithmetic in 128 bits.
 */
#include "../../common/calc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/oracle.h"
#include "fuzz.h"

static void compare_text(const char *bytes, size_t n)
{
    char want[ORACLE_REPLY], room[CALC_REPLY_MAX], *copy = malloc(n);
    size_t size = oracle_calc(bytes, n, want);
    const char *came;

    if (n > 0)
        memcpy(copy, bytes, n);
    came = calc_answer(room, copy, n);
    expect((size_t)(room + CALC_REPLY_MAX - came) == size
           && memcmp(came, want, size) == 0, "expected %.*s, came %.*s", (int)size,
           want, (int)(room + CALC_REPLY_MAX - came), came);
    free(copy);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;

static void compare_numbers(int64_t x, char op, int64_t y)
{
    enum calc_status status;
    int64_t came = 1;
    wide want;

    status = calc_compute(x, op, y, &came);
    if (strchr("+-*/%", op) == NULL || op == '\0') {
        expect(status == CALC_UNKNOWN_OPERATOR && came == 0, "unknown: %d",
               (int)status);
        return;
    }
    if (y == 0 && (op == '/' || op == '%')) {
        expect(status == CALC_DIVIDED_BY_ZERO && came == 0, "by zero: %d", (int)status);
        return;
    }
    want = op == '+' ? (wide)x + y : op == '-' ? (wide)x - y : op == '*' ? (wide)x * y
           : op == '/' ? (wide)x / y : (wide)x % y;
    if (want < INT64_MIN || want > INT64_MAX)
        expect(status == CALC_OVERFLOW && came == 0, "overflow: %d", (int)status);
    else
        expect(status == CALC_OK && came == want, "%lld %c %lld: came %lld %d",
               (long long)x, op, (long long)y, (long long)came, (int)status);
}
#else
/* No 128 bits on a machine of 32: then the oracle alone judges. */
static void compare_numbers(int64_t x, char op, int64_t y)
{
    char payload[64];
    int n = snprintf(payload, sizeof payload, "%lld %c %lld", (long long)x, op,
                     (long long)y);

    if (op != '\0' && op != ' ')
        compare_text(payload, (size_t)n);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    int64_t x, y;

    compare_text(size > 0 ? (const char *)input : "", size);
    if (size >= 2 * sizeof x + 1) {
        memcpy(&x, input, sizeof x);
        memcpy(&y, input + sizeof x, sizeof y);
        compare_numbers(x, (char)input[2 * sizeof x], y);
        for (const char *op = "+-*/%"; *op != '\0'; op++)
            compare_numbers(x, *op, y);
    }
    return 0;
}
