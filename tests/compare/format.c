#include "format.h"

#include <math.h>
#include <string.h>

static char *format_decimals(char out[FORMAT_MAX], double value, int decimals)
{
    char digits[40];

    if (isnan(value)) {
        snprintf(out, FORMAT_MAX, "-");
        return out;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, value);
    size_t whole = strcspn(digits, "."), o = 0;
    for (size_t i = 0; digits[i] != '\0' && o < FORMAT_MAX - 2; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0 && digits[i - 1] != '-')
            out[o++] = ',';
        out[o++] = digits[i];
    }
    out[o] = '\0';
    return out;
}

char *format_value(char out[FORMAT_MAX], double value)
{
    double size = fabs(value);

    return format_decimals(out, value, size >= 99.95 || size == 0 ? 0
                           : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

char *format_count(char out[FORMAT_MAX], double value)
{
    return format_decimals(out, value, 0);
}

char *format_range(char out[FORMAT_MAX], const struct spread *s)
{
    char low[FORMAT_MAX], high[FORMAT_MAX];

    snprintf(out, FORMAT_MAX, "%.30s–%.30s", format_value(low, s->min),
             format_value(high, s->max));
    return out;
}

char *format_spread(char out[FORMAT_MAX], const struct spread *s)
{
    char median[FORMAT_MAX], range[FORMAT_MAX];

    format_value(median, s->median);
    if (s->n < 2)
        snprintf(out, FORMAT_MAX, "%s", median);
    else
        snprintf(out, FORMAT_MAX, "%.24s [%.48s]", median, format_range(range, s));
    return out;
}

/* What to divide microseconds by, and how the unit is then called. */
static double latency_unit(double us, const char **unit)
{
    *unit = us >= 999500 ? "s" : us >= 999.5 ? "ms" : "µs";
    return us >= 999500 ? 1e6 : us >= 999.5 ? 1e3 : 1;
}

char *format_latency(char out[FORMAT_MAX], double us)
{
    char number[FORMAT_MAX];
    const char *unit;

    format_value(number, us / latency_unit(us, &unit));
    snprintf(out, FORMAT_MAX, "%.40s %s", number, unit);
    return out;
}

char *format_latency_range(char out[FORMAT_MAX], const struct spread *s)
{
    char low[FORMAT_MAX], high[FORMAT_MAX];
    const char *unit;
    double divisor = latency_unit(s->median, &unit);

    snprintf(out, FORMAT_MAX, "%.30s–%.30s", format_value(low, s->min / divisor),
             format_value(high, s->max / divisor));
    return out;
}
