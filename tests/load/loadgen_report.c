#include "loadgen_report.h"

#include <inttypes.h>
#include <string.h>

#define BARS 16
#define BAR_WIDTH 46

/* 1234567 as 1,234,567, in a buffer of the caller. */
struct grouped {
    char text[28];
};

static const char *group(struct grouped *g, double value)
{
    char plain[24], *to = g->text;
    int n = snprintf(plain, sizeof plain, "%.0f", value < 1e15 ? value : 1e15);

    for (int k = 0; k < n; k++) {
        if (k > 0 && (n - k) % 3 == 0)
            *to++ = ',';
        *to++ = plain[k];
    }
    *to = '\0';
    return g->text;
}

static void head(const struct options *o, FILE *to)
{
    static const char *const modes[] = {"closed loop", "open loop",
                                        "a connection per request"};

    fprintf(to, "loadgen: %s on %s, %s, %u active, %u idle", service_name(o->service),
            o->target, modes[o->mode], o->active, o->idle);
    if (o->pipeline > 1)
        fprintf(to, ", pipeline %u", o->pipeline);
    if (o->service == SERVICE_ECHO)
        fprintf(to, ", %u bytes", o->bytes);
    fputs("\n\n", to);
}

static void rate(const struct options *o, const struct result *r, FILE *to)
{
    struct grouped requests, second;

    fprintf(to, "  %s request%s in %.3f s: ", group(&requests, (double)r->requests),
            r->requests == 1 ? "" : "s", r->seconds);
    if (r->requests >= FEW)
        fprintf(to, "%s/s", group(&second, (double)r->requests / r->seconds));
    else
        fputs("too few for a rate", to);
    if (o->mode == MODE_OPEN)
        fprintf(to, ", asked %s/s", group(&second, o->rate));
    fputc('\n', to);
    if (r->unsent > 0)
        fprintf(to, "  %s requests fell due and could never be sent; they count with"
                " their age\n", group(&requests, (double)r->unsent));
}

static void percentiles(const char *name, const struct histogram *h, FILE *to)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};

    fprintf(to, "  %-10s", name);
    if (h->samples == 0) {
        fputs(" none was answered\n", to);
        return;
    }
    for (int k = 0; k < 4; k++)
        if (enough_for(h, shares[k]))
            fprintf(to, " %10.1f", (double)histogram_percentile(h, shares[k]) / 1e3);
        else
            fprintf(to, " %10s", "-");
    fprintf(to, " %10.1f %10.1f\n", (double)h->max / 1e3, histogram_mean(h) / 1e3);
}

static void latencies(const struct options *o, const struct result *r, FILE *to)
{
    fprintf(to, "\n  %-10s %10s %10s %10s %10s %10s %10s\n", "latency/us", "p50", "p90",
            "p99", "p99.9", "max", "mean");
    if (o->mode == MODE_OPEN) {
        percentiles("since due", &r->latency, to);
        percentiles("since sent", &r->uncorrected, to);
        fputs("  Since due is what the asker waits. Since sent leaves out how long a"
              " request\n  stood in line while the server was slow (coordinated"
              " omission).\n", to);
    } else {
        percentiles("", &r->latency, to);
    }
    if (!enough_for(&r->latency, 0.999))
        fputs("  -: too few requests for this percentile.\n", to);
    fprintf(to, "  Percentiles are at most %.1f %% too high; max and mean are exact.\n",
            100.0 / HISTOGRAM_STEPS);
}

static void bars(const struct histogram *h, FILE *to)
{
    struct histogram_bar bar[BARS];
    unsigned n = histogram_bars(h, 0.999, bar, BARS);
    uint64_t most = 1;
    struct grouped count;

    for (unsigned k = 0; k < n; k++)
        if (bar[k].count > most)
            most = bar[k].count;
    fprintf(to, "\n  %12s %12s\n", "below/us", "requests");
    for (unsigned k = 0; k < n; k++) {
        uint64_t width = (bar[k].count * BAR_WIDTH + most - 1) / most;

        fprintf(to, "  %12.1f %12s ", (double)bar[k].upper / 1e3,
                group(&count, (double)bar[k].count));
        while (width-- > 0)
            fputc('#', to);
        fputc('\n', to);
    }
}

static void server(const struct options *o, const struct result *r, FILE *to)
{
    struct grouped rss;
    double parts = r->server_user + r->server_system;

    fprintf(to, "\n  server %ld: %.1f %% of a processor", (long)o->pid,
            100 * r->server_cpu / r->seconds);
    if (r->requests > 0)
        fprintf(to, ", %.2f us CPU per request",
                r->server_cpu * 1e6 / (double)r->requests);
    if (parts > 0)
        fprintf(to, " (%.0f %% of it in the kernel)", 100 * r->server_system / parts);
    fprintf(to, ", %s KiB resident\n", group(&rss, (double)r->server_rss_kib));
}

static void errors(const struct result *r, FILE *to)
{
    const char *between = "\n  errors: ";

    for (enum trouble k = 0; k < TROUBLE_KINDS; k++) {
        if (r->errors[k] == 0)
            continue;
        fprintf(to, "%s%s %" PRIu64, between, trouble_name(k), r->errors[k]);
        between = ", ";
    }
    fputs(*between == ',' ? "\n" : "\n  errors: none\n", to);
}

void report_table(const struct options *o, const struct result *r, FILE *to)
{
    head(o, to);
    if (r->seconds > 0) {
        rate(o, r, to);
        if (r->latency.samples > 0) {
            latencies(o, r, to);
            bars(&r->latency, to);
        }
        if (o->pid)
            server(o, r, to);
    } else {
        fputs("  Nothing was measured.\n", to);
    }
    errors(r, to);
    if (r->late)
        fprintf(to, "\n  CLIENT WAS THE BOTTLENECK: %s.\n  The figures above are as"
                " much its own as the server's.\n", r->late_why);
}
