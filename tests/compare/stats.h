/*
 * stats: what may be said of a few repeated measurements.
 *
 * A benchmark's rounds are few (three to five) and skewed upwards by whatever else
 * the machine does, so nothing here assumes a normal distribution: the middle is
 * the median, the spread is the whole range. A value that is not known is NAN, and
 * is left out.
 */
#ifndef COMPARE_STATS_H
#define COMPARE_STATS_H

struct spread {
    int n;                      /* how many values were known */
    double median, min, max;    /* NAN when n is 0 */
    double inner_min, inner_max;    /* without the lowest, the highest; of fewer than
                                       five the same as min and max */
};

/* Of n values; with an even number the median is the mean of the middle two. */
struct spread spread_of(const double *values, int n);

/*
 * Of a[i] / b[i]. Round i of A and round i of B were measured one after the other,
 * so what disturbed one mostly disturbed both, and the quotient is steadier than
 * either. A pair with an unknown or a zero divisor is left out.
 */
struct spread spread_of_ratios(const double *a, const double *b, int n);

enum verdict { LESS, SAME, MORE, UNKNOWN };

/*
 * Is the first of a pair more or less than the second? Only if the median differs by
 * more than `margin` (0.03 for 3 per cent) and every round says so, of five or more all
 * but one. That is no proof: three rounds fall on one side by chance one time in four.
 */
enum verdict ratios_verdict(const struct spread *ratios, double margin);

/* Least squares through n points: the growth of y for one x. NAN for less than 2. */
double slope_of(const double *x, const double *y, int n);

#endif
