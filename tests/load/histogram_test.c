/*
 * Are the histogram's percentiles those of the sorted samples, within the
 * resolution it states? Do its bars hold every sample, in the right place?
 */
#include "histogram.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 20000u
#define ROOM 200u

static uint64_t samples[SAMPLES];

static uint64_t random_next(void)
{
    static uint64_t x = 88172645463325252u;     /* xorshift64 (Marsaglia, 2003) */

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int verdict(const char *test, const char *shape, int good)
{
    if (good)
        printf("ok load/histogram-%s-%s\n", test, shape);
    return good;
}

/* The sample that `share` of them do not exceed. */
static uint64_t exact(unsigned n, double share)
{
    double want = share * (double)n;    /* rounded here, where registers are wider */
    unsigned k = 0;

    while ((double)(k + 1) < want)
        k++;
    return samples[k];
}

static int check_percentiles(const struct histogram *h, const char *shape, unsigned n)
{
    static const double shares[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1};

    for (unsigned k = 0; k < sizeof shares / sizeof shares[0]; k++) {
        uint64_t due = exact(n, shares[k]), got = histogram_percentile(h, shares[k]);

        if (got >= due && got <= due + due / HISTOGRAM_STEPS)
            continue;
        printf("FAIL load/histogram-percentiles-%s: p%g of %u samples:"
               " expected %" PRIu64 " to 1/%u more, got %" PRIu64 "\n", shape,
               shares[k] * 100, n, due, HISTOGRAM_STEPS, got);
        return 0;
    }
    return verdict("percentiles", shape, 1);
}

static uint64_t count_below(unsigned n, uint64_t bound)
{
    unsigned k = 0;

    while (k < n && samples[k] < bound)
        k++;
    return k;
}

static int check_bars(const struct histogram *h, const char *shape, unsigned n,
                      double share)
{
    struct histogram_bar bars[ROOM];
    unsigned used = histogram_bars(h, share, bars, ROOM);
    uint64_t sum = 0;

    for (unsigned k = 0; k < used; k++) {
        sum += bars[k].count;
        if (sum == count_below(n, bars[k].upper))
            continue;
        printf("FAIL load/histogram-bars-%s: expected %" PRIu64 " below %" PRIu64
               ", got %" PRIu64 "\n", shape, count_below(n, bars[k].upper),
               bars[k].upper, sum);
        return 0;
    }
    if (sum != n || used > ROOM || (n > 0 && used == 0)) {
        printf("FAIL load/histogram-bars-%s: expected all %u in at most %u bars, got %"
               PRIu64 " in %u\n", shape, n, ROOM, sum, used);
        return 0;
    }
    return 1;
}

static int check_sum(const struct histogram *h, const char *shape, unsigned n)
{
    uint64_t sum = 0, max = n > 0 ? samples[n - 1] : 0;

    for (unsigned k = 0; k < n; k++)
        sum += samples[k];
    if (h->samples == n && h->max == max
        && histogram_mean(h) * (double)n <= (double)sum * 1.000001
        && histogram_mean(h) * (double)n >= (double)sum * 0.999999)
        return verdict("mean-and-max", shape, 1);
    printf("FAIL load/histogram-mean-and-max-%s: expected %u samples, max %" PRIu64
           ", sum %" PRIu64 ", got %" PRIu64 ", %" PRIu64 ", %" PRIu64 "\n", shape, n,
           max, sum, h->samples, h->max, h->sum);
    return 0;
}

/* samples[0..n) are set, in any order. */
static int check(const char *shape, unsigned n)
{
    struct histogram *h = calloc(1, sizeof *h);
    int good;

    if (!h)
        abort();
    for (unsigned k = 0; k < n; k++)
        histogram_add(h, samples[k]);
    qsort(samples, n, sizeof samples[0], ascending);
    good = check_sum(h, shape, n);
    if (n > 0)
        good &= check_percentiles(h, shape, n);
    good &= verdict("bars", shape, check_bars(h, shape, n, 1)
                                       && check_bars(h, shape, n, 0.999));
    free(h);
    return good;
}

int main(void)
{
    unsigned n = 0;
    int good = check("empty", 0);

    samples[0] = 12345;
    good &= check("one", 1);
    for (n = 0; n < SAMPLES; n++)
        samples[n] = random_next() % 1000;
    good &= check("small", n);
    for (n = 0; n < SAMPLES; n++)
        samples[n] = random_next() % 50000000;
    good &= check("even", n);
    for (n = 0; n < SAMPLES; n++)
        samples[n] = random_next() >> (20 + random_next() % 44);
    good &= check("every-size", n);
    for (n = 0; n < SAMPLES; n++)
        samples[n] = n % 1000 ? 30000 + n % 7000 : 100000000;
    good &= check("a-stall", n);
    n = 0;
    for (unsigned bit = 1; bit < 45; bit++) {
        samples[n++] = ((uint64_t)1 << bit) - 1;
        samples[n++] = (uint64_t)1 << bit;
        samples[n++] = ((uint64_t)1 << bit) + 1;
    }
    good &= check("edges", n);
    return good ? 0 : 1;
}
