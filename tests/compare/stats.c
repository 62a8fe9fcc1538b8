#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 64 };

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct spread spread_of(const double *values, int n)
{
    struct spread s = { 0, NAN, NAN, NAN, NAN, NAN };
    double known[VALUES_MAX];

    for (int i = 0; i < n && s.n < VALUES_MAX; i++)
        if (!isnan(values[i]))
            known[s.n++] = values[i];
    if (s.n == 0)
        return s;
    qsort(known, (size_t)s.n, sizeof known[0], compare_doubles);
    s.min = known[0];
    s.max = known[s.n - 1];
    s.inner_min = known[s.n >= 5];
    s.inner_max = known[s.n - 1 - (s.n >= 5)];
    s.median = (known[(s.n - 1) / 2] + known[s.n / 2]) / 2;
    return s;
}

struct spread spread_of_ratios(const double *a, const double *b, int n)
{
    double ratios[VALUES_MAX];

    if (n > VALUES_MAX)
        n = VALUES_MAX;
    for (int i = 0; i < n; i++)
        ratios[i] = b[i] == 0 ? NAN : a[i] / b[i];
    return spread_of(ratios, n);
}

enum verdict ratios_verdict(const struct spread *ratios, double margin)
{
    if (ratios->n < 2)
        return UNKNOWN;
    if (ratios->inner_min > 1 && ratios->median > 1 + margin)
        return MORE;
    if (ratios->inner_max < 1 && ratios->median < 1 / (1 + margin))
        return LESS;
    return SAME;
}

double slope_of(const double *x, const double *y, int n)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    int known = 0;

    for (int i = 0; i < n; i++) {
        if (isnan(y[i]))
            continue;
        known++;
        sx += x[i];
        sy += y[i];
        sxx += x[i] * x[i];
        sxy += x[i] * y[i];
    }
    double spread = known * sxx - sx * sx;
    return known < 2 || spread <= 0 ? NAN : (known * sxy - sx * sy) / spread;
}
