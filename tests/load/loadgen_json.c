#include "loadgen_report.h"

#include <inttypes.h>

#define BARS 200

static void percentiles(const struct histogram *h, FILE *to)
{
    static const struct {
        const char *name;
        double share;
    } shares[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

    if (h->samples == 0) {
        fputs("{\"p50\": null, \"p90\": null, \"p99\": null, \"p999\": null,"
              " \"max\": null, \"mean\": null}", to);
        return;
    }
    fputc('{', to);
    for (int k = 0; k < 4; k++)
        if (enough_for(h, shares[k].share))
            fprintf(to, "\"%s\": %.3f, ", shares[k].name,
                    (double)histogram_percentile(h, shares[k].share) / 1e3);
        else
            fprintf(to, "\"%s\": null, ", shares[k].name);
    fprintf(to, "\"max\": %.3f, \"mean\": %.3f}", (double)h->max / 1e3,
            histogram_mean(h) / 1e3);
}

static void bars(const struct histogram *h, FILE *to)
{
    struct histogram_bar bar[BARS];
    unsigned n = histogram_bars(h, 1, bar, BARS);

    fputc('[', to);
    for (unsigned k = 0; k < n; k++)
        fprintf(to, "%s[%.3f, %" PRIu64 "]", k > 0 ? ", " : "",
                (double)bar[k].upper / 1e3, bar[k].count);
    fputc(']', to);
}

static void asked(const struct options *o, FILE *to)
{
    fprintf(to, "{\"target\": \"%s\",\n \"service\": \"%s\",\n \"mode\": \"%s\",\n",
            o->target, service_name(o->service), mode_name(o->mode));
    fprintf(to, " \"active\": %u,\n \"idle\": %u,\n \"pipeline\": %u,\n", o->active,
            o->idle, o->pipeline);
    if (o->service == SERVICE_ECHO)
        fprintf(to, " \"bytes\": %u,\n", o->bytes);
    else
        fputs(" \"bytes\": null,\n", to);
    fprintf(to, " \"seed\": %" PRIu64 ",\n", o->seed);
}

static void errors(const struct result *r, FILE *to)
{
    fputs(" \"errors\": {", to);
    for (enum trouble k = 0; k < TROUBLE_KINDS; k++)
        fprintf(to, "%s\"%s\": %" PRIu64, k > 0 ? ", " : "", trouble_name(k),
                r->errors[k]);
    fputs("},\n", to);
}

static void server(const struct options *o, const struct result *r, FILE *to)
{
    if (o->pid)
        fprintf(to, " \"server\": {\"pid\": %ld, \"cpu_s\": %.6f, \"user_s\": %.2f,"
                " \"sys_s\": %.2f, \"rss_kib\": %ld}}\n", (long)o->pid, r->server_cpu,
                r->server_user, r->server_system, r->server_rss_kib);
    else
        fputs(" \"server\": null}\n", to);
}

void report_json(const struct options *o, const struct result *r, FILE *to)
{
    int open = o->mode == MODE_OPEN;

    asked(o, to);
    fprintf(to, " \"seconds\": %.6f,\n", r->seconds);
    if (open)
        fprintf(to, " \"asked_rate\": %.3f,\n", o->rate);
    else
        fputs(" \"asked_rate\": null,\n", to);
    fprintf(to, " \"requests\": %" PRIu64 ",\n", r->requests);
    if (r->requests >= FEW)
        fprintf(to, " \"rate\": %.3f,\n", (double)r->requests / r->seconds);
    else
        fputs(" \"rate\": null,\n", to);
    fprintf(to, " \"connections\": %" PRIu64 ",\n \"unsent\": %" PRIu64 ",\n",
            r->connections, r->unsent);
    errors(r, to);
    fputs(" \"latency_us\": ", to);
    percentiles(&r->latency, to);
    fputs(",\n \"uncorrected_us\": ", to);
    if (open)
        percentiles(&r->uncorrected, to);
    else
        fputs("null", to);
    fputs(",\n \"histogram\": ", to);
    bars(&r->latency, to);
    fputs(",\n \"uncorrected_histogram\": ", to);
    if (open)
        bars(&r->uncorrected, to);
    else
        fputs("null", to);
    fprintf(to, ",\n \"client_busy\": %.4f,\n \"client_late\": %s,\n", r->busy,
            r->late ? "true" : "false");
    server(o, r, to);
}
