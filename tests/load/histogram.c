#include "histogram.h"

/*
 * With e the number of low bits that a value is too long for (0 below 256),
 * value >> e has eight bits, and each e owns 128 buckets: e * 128 + (value >> e)
 * runs on without a gap.
 */
static unsigned bucket_of(uint64_t ns)
{
    unsigned e = 0;

    if (ns >> 45)
        return HISTOGRAM_BUCKETS - 1;
    if (ns >= 2 * HISTOGRAM_STEPS)
        e = 63u - (unsigned)__builtin_clzll(ns) - 7u;
    return e * HISTOGRAM_STEPS + (unsigned)(ns >> e);
}

static uint64_t lower_bound(unsigned bucket)
{
    unsigned e = bucket < 2 * HISTOGRAM_STEPS ? 0 : bucket / HISTOGRAM_STEPS - 1;

    return (uint64_t)(bucket - e * HISTOGRAM_STEPS) << e;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
    h->count[bucket_of(ns)]++;
    h->samples++;
    h->sum += ns;
    if (ns > h->max)
        h->max = ns;
}

uint64_t histogram_percentile(const struct histogram *h, double share)
{
    double want = share * (double)h->samples;
    uint64_t seen = 0;

    for (unsigned b = 0; b < HISTOGRAM_BUCKETS - 1; b++) {
        seen += h->count[b];
        if (seen > 0 && (double)seen >= want) {
            uint64_t last = lower_bound(b + 1) - 1;
            return last < h->max ? last : h->max;
        }
    }
    return h->max;
}

double histogram_mean(const struct histogram *h)
{
    return h->samples ? (double)h->sum / (double)h->samples : 0;
}

unsigned histogram_bars(const struct histogram *h, double share,
                        struct histogram_bar *bars, unsigned room)
{
    unsigned last = bucket_of(histogram_percentile(h, share));
    unsigned first = 0, k = 0, n;
    uint64_t drawn = 0;

    if (h->samples == 0)
        return 0;
    while (h->count[first] == 0)
        first++;
    while ((last >> k) - (first >> k) + 2 > room)
        k++;
    n = (last >> k) - (first >> k) + 1;
    for (unsigned i = 0; i < n; i++) {
        unsigned from = ((first >> k) + i) << k, end = from + (1u << k);

        bars[i] = (struct histogram_bar){lower_bound(end), 0};
        for (unsigned b = from; b < end && b < HISTOGRAM_BUCKETS; b++)
            bars[i].count += h->count[b];
        drawn += bars[i].count;
    }
    if (drawn < h->samples) {
        bars[n].upper = lower_bound(bucket_of(h->max) + 1);
        bars[n++].count = h->samples - drawn;
    }
    return n;
}
