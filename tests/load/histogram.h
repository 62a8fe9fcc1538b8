/*
 * A histogram of durations: percentiles of millions of samples in fixed memory.
 *
 * Buckets grow with what they hold, as in Gil Tene's HdrHistogram: every
 * nanosecond has its own below 256 ns, and above that each doubling is cut into
 * HISTOGRAM_STEPS. So a bucket is never wider than 1/128 (0.8 %) of its lower
 * bound, and that is the resolution of every figure taken from it, except for
 * the mean and the maximum, which are exact.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 128u
#define HISTOGRAM_BUCKETS (39u * HISTOGRAM_STEPS)   /* up to 2^45 ns, 9.7 hours */

/* All zero is empty. */
struct histogram {
    uint64_t count[HISTOGRAM_BUCKETS];
    uint64_t samples;
    uint64_t sum;                       /* ns */
    uint64_t max;                       /* ns */
};

/* Neighbouring buckets taken together, to be drawn. */
struct histogram_bar {
    uint64_t upper;                     /* ns; its samples are below this */
    uint64_t count;
};

void histogram_add(struct histogram *h, uint64_t ns);

/*
 * The least bound, in ns, that at least `share` (0 to 1) of the samples do not
 * exceed: the upper end of the bucket where they are, though never above the
 * maximum. 0 when empty.
 */
uint64_t histogram_percentile(const struct histogram *h, double share);

double histogram_mean(const struct histogram *h);       /* ns; 0 when empty */

/*
 * Cuts the range of the lower `share` (0 to 1) of the samples into bars, each of
 * 2^k buckets, ascending and without gaps, the finest that fit; what is above,
 * if there is anything, is one last bar. `room` for bars is at least 3. Returns
 * how many there are.
 */
unsigned histogram_bars(const struct histogram *h, double share,
                        struct histogram_bar *bars, unsigned room);

#endif
