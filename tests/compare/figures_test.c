/*
 * figures_test - what is computed from the rounds, on examples worked out by hand.
 *
 *     figures_test                     statistics, formats, JSON
 *     figures_test JSON CSV            whether two result files say the same
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "json.h"
#include "results.h"
#include "stats.h"

static int failures;

static void expect(const char *name, int holds)
{
    printf(holds ? "ok compare/%s\n"
           : "FAIL compare/%s: see tests/compare/figures_test.c\n", name);
    failures += !holds;
}

static int near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void test_statistics(void)
{
    double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 }, gaps[] = { NAN, 7, NAN };
    double five[] = { 1, 9, 2, 4, 3 };
    struct spread s = spread_of(odd, 3);

    expect("median-odd", s.n == 3 && near(s.median, 3) && near(s.min, 1)
           && near(s.max, 5) && near(s.inner_min, 1) && near(s.inner_max, 5));
    expect("median-even", near(spread_of(even, 4).median, 2.5));
    s = spread_of(gaps, 3);
    expect("median-of-known", s.n == 1 && near(s.median, 7));
    s = spread_of(gaps, 1);
    expect("median-of-nothing", s.n == 0 && isnan(s.median));
    s = spread_of(five, 5);
    expect("inner-range", near(s.inner_min, 2) && near(s.inner_max, 4));

    /* Both doubled in round 2, which is the machine's doing: the ratio is steady. */
    double a[] = { 2, 4, NAN, 6 }, b[] = { 1, 2, 5, 3 }, zero[] = { 0, 2, 5, 3 };
    s = spread_of_ratios(a, b, 4);
    expect("ratios-paired", s.n == 3 && near(s.min, 2) && near(s.max, 2));
    expect("ratios-by-zero", spread_of_ratios(a, zero, 4).n == 2);

    struct spread more = { 3, 1.2, 1.1, 1.3, 1.1, 1.3 };
    struct spread less = { 3, 0.8, 0.7, 0.9, 0.7, 0.9 };
    struct spread both = { 3, 1.2, 0.9, 1.3, 0.9, 1.3 };
    struct spread outlier = { 5, 1.2, 0.9, 1.3, 1.1, 1.25 };
    struct spread small = { 5, 1.02, 1.01, 1.03, 1.01, 1.03 };
    struct spread one = { 1, 9, 9, 9, 9, 9 };
    expect("verdicts", ratios_verdict(&more, 0.05) == MORE
           && ratios_verdict(&less, 0.05) == LESS && ratios_verdict(&both, 0.05) == SAME
           && ratios_verdict(&outlier, 0.05) == MORE
           && ratios_verdict(&small, 0.05) == SAME
           && ratios_verdict(&one, 0.05) == UNKNOWN);

    double x[] = { 0, 1, 2, 3 }, y[] = { 1, 3, NAN, 7 };
    expect("slope", near(slope_of(x, y, 4), 2) && isnan(slope_of(x, y, 1)));
}

static int shows(double value, const char *want)
{
    char text[FORMAT_MAX];

    return strcmp(format_value(text, value), want) == 0;
}

static void test_formats(void)
{
    struct spread s = { 3, 5.125, 4.98, 1234, 4.98, 1234 };
    char text[FORMAT_MAX];

    expect("numbers", shows(0.1274, "0.127") && shows(5.124, "5.12")
           && shows(48.31, "48.3") && shows(999.7, "1,000") && shows(7, "7.00")
           && shows(1234567, "1,234,567") && shows(-1234, "-1,234") && shows(NAN, "-"));
    expect("ranges", strcmp(format_range(text, &s), "4.98–1,234") == 0);
    expect("latencies", strcmp(format_latency(text, 38.25), "38.2 µs") == 0
           && strcmp(format_latency(text, 81920), "81.9 ms") == 0
           && strcmp(format_latency(text, 2500000), "2.50 s") == 0);
}

static void test_json(void)
{
    static const char *const bad[] = { "", "{", "[1,]", "{\"a\" 1}", "\"abc", "tru",
                                       "[1] 2", "{\"a\":}", "\"\\x\"", "-" };
    const char *error;
    int refused = 0;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct json *value = json_parse(bad[i], &error);

        refused += value == NULL && error != NULL;
        json_free(value);
    }
    expect("json-refuses", refused == sizeof bad / sizeof bad[0]);

    char deep[200];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    expect("json-depth", json_parse(deep, &error) == NULL);

    struct json *v = json_parse(" {\"a\": [1, -2.5e2, true, null], \"b\": "
                                "\"x\\n\\u00b5\\\"\"} ", &error);
    const struct json *a = json_get(v, "a");
    expect("json-reads", a != NULL && near(json_number(a->child), 1)
           && near(json_number(a->child->next), -250) && json_true(a->child->next->next)
           && isnan(json_number(a->child->next->next->next))
           && strcmp(json_text(json_get(v, "b")), "x\nµ\"") == 0
           && json_get(json_get(v, "none"), "at all") == NULL);
    json_free(v);
}

/* The column of a name in the first line of the CSV; -1 if there is none. */
static int column_of(const char *heads, const char *name)
{
    size_t length = strlen(name);

    for (int column = 0; ; column++) {
        size_t width = strcspn(heads, ",\n");

        if (width == length && strncmp(heads, name, length) == 0)
            return column;
        if (heads[width] != ',')
            return -1;
        heads += width + 1;
    }
}

/* The number in a column; NAN where it is empty. */
static double number_in(const char *line, int column)
{
    char *end;

    for (; column > 0 && line != NULL; column--)
        line = strchr(line, ',') == NULL ? NULL : strchr(line, ',') + 1;
    if (line == NULL)
        return NAN;
    double value = strtod(line, &end);
    return end == line ? NAN : value;
}

static int agree(const char *json, const char *csv)
{
    static struct results r;
    char heads[4000], line[4000];
    FILE *in = fopen(csv, "r");
    int rows = 0, differ = 0;

    if (results_read_json(&r, json) == -1 || in == NULL
        || fgets(heads, sizeof heads, in) == NULL)
        return 0;
    for (; fgets(line, sizeof line, in) != NULL; rows++) {
        const struct sample *s = &r.samples[rows];

        if (rows == r.sample_count)
            return 0;
        for (int f = 0; f < FIELDS; f++) {
            double value = number_in(line, column_of(heads, field_names[f]));

            differ += isnan(value) ? !isnan(s->field[f]) : !near(value, s->field[f]);
        }
        double cost = number_in(line, column_of(heads, "cpu_us"));
        double again = sample_measure(s, CPU_US);

        /* A server that got no processor has a cost of 0. */
        differ += !isnan(cost) && !near(cost, again) && !near(cost / again, 1);
    }
    fclose(in);
    differ += rows != r.sample_count || rows == 0;
    results_free(&r);
    return differ == 0;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return !agree(argv[1], argv[2]);
    test_statistics();
    test_formats();
    test_json();
    return failures > 0;
}
