#define _GNU_SOURCE
#include "page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../lib/text.h"
#include "caption.h"
#include "chart.h"
#include "format.h"
#include "table.h"
#include "words.h"

extern const char *const asset_chart_css[], *const asset_page_css[], *const asset_page_js[];

/* What `say` says, made harmless for HTML. */
static void put_words(FILE *out, const struct results *r, int which, words_say *say)
{
    char *text = words_text(r, which, say);

    html_text(out, text);
    free(text);
}

static void put_head(FILE *out, const struct results *r)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<title>What a mechanism costs</title>\n"
          "<link rel=\"icon\" href=\"data:,\">\n<style>\n", out);
    asset_write(out, asset_chart_css);
    asset_write(out, asset_page_css);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#short\">Skip to what "
          "was found</a>\n<header>\n<h1>What a mechanism costs</h1>\n<p class=\"deck\">"
          "select, poll and epoll, level- and edge-triggered: servers that do the same "
          "work and differ only in how they wait for it, measured side by side.</p>\n",
          out);
    fprintf(out, "<p>Every figure is the median of %d rounds; the bands, and the "
            "ranges in the tables, run from the lowest round to the highest. A round "
            "measures the servers one after the other, each freshly started, so that "
            "what disturbs the machine disturbs all of them. Cost is the processor time "
            "that the server itself used, divided by the requests it answered; every "
            "reply was checked.</p>\n", r->rounds);
}

static void put_key(FILE *out, const struct results *r)
{
    fputs("<ul class=\"key\" aria-label=\"The servers\">\n", out);
    for (int i = 0; i < r->server_count; i++) {
        fprintf(out, "<li class=\"s%d\"><svg viewBox=\"-6 -6 12 12\" "
                "aria-hidden=\"true\"><path d=\"", i);
        shape_draw(out, i, 0, 0);
        fputs("\"/></svg>", out);
        html_text(out, r->servers[i].label);
        if (r->servers[i].mechanism[0] == '\0')
            fputs(" <small>(keeps no ledger)</small>", out);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n</header>\n<main>\n", out);
}

static void put_faults(FILE *out, const struct results *r)
{
    bool any = false;

    for (int s = 0; s < r->server_count; s++)
        any |= words_has_fault(r, s);
    if (!any)
        return;
    fputs("<section id=\"faults\" class=\"fault\"><h2>At fault</h2>\n", out);
    for (int s = 0; s < r->server_count; s++)
        if (words_has_fault(r, s)) {
            fputs("<p>", out);
            put_words(out, r, s, words_fault);
            fputs("</p>\n", out);
        }
    fputs("</section>\n", out);
}

static void put_short(FILE *out, const struct results *r)
{
    fputs("<section id=\"short\"><h2>What was found</h2>\n<ol class=\"short\">\n", out);
    for (int e = 1; e <= EXPERIMENTS; e++) {
        if (!results_has(r, e))
            continue;
        fprintf(out, "<li><span class=\"number\">%d</span><a href=\"#experiment-%d\">%s"
                "</a>. ", e, e, experiments[e].name);
        put_words(out, r, e, words_headline);
        fputs("</li>\n", out);
    }
    fputs("</ol>\n<p class=\"note\">", out);
    put_words(out, r, 0, words_doubts);
    fputs("</p>\n</section>\n", out);
}

static void put_cell(FILE *out, const struct results *r, const struct table *table,
                     const struct table_row *row, int server)
{
    struct spread v = table_cell(r, table, row, server);
    struct source source = { table->experiment, row->part, server, row->x, v.median,
                             row->measure };
    char text[FORMAT_MAX];

    if (v.n == 0) {
        fprintf(out, "<td class=\"gap\">%s</td>", table_gap(r, table, row, server));
        return;
    }
    fputs("<td", out);
    mark_attributes(out, r, &source);
    bool latency = measure_is_latency(row->measure);
    fprintf(out, ">%s", latency ? format_latency(text, v.median)
            : format_value(text, v.median));
    if (v.n > 1)
        fprintf(out, "<small>%s</small>", latency ? format_latency_range(text, &v)
                : format_range(text, &v));
    fputs("</td>", out);
}

static void put_table(FILE *out, const struct results *r, const struct table *table)
{
    struct table_row rows[ROWS_MAX];
    int n = table_rows(r, table, rows);

    if (n == 0)
        return;
    fputs("<div class=\"scroll\"><table><caption>", out);
    html_text(out, table->caption);
    fputs("</caption>\n<thead><tr><td></td>", out);
    for (int s = 0; s < r->server_count; s++) {
        fprintf(out, "<th scope=\"col\" class=\"s%d\">", s);
        html_text(out, r->servers[s].label);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "<tr><th scope=\"row\">%s</th>", rows[i].head);
        for (int s = 0; s < r->server_count; s++)
            put_cell(out, r, table, &rows[i], s);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void put_experiment(FILE *out, const struct results *r, int e)
{
    fprintf(out, "<section id=\"experiment-%d\">\n<h2><span class=\"number\">%d</span>"
            "%s</h2>\n<p>", e, e, experiments[e].name);
    html_text(out, captions[e].what);
    fputs("</p>\n<figure>\n<div class=\"panels\">\n", out);
    for (int i = 0; i < PANELS; i++)
        if (panels[i].experiment == e) {
            fputs("<div class=\"panel\">", out);
            chart_draw(out, r, &panels[i], false);
            fputs("</div>\n", out);
        }
    fputs("</div>\n<figcaption>\n<p class=\"look\">", out);
    html_text(out, captions[e].look);
    fputs("</p>\n<p>", out);
    html_text(out, captions[e].why);
    fputs("</p>\n<p><strong>Here:</strong> ", out);
    put_words(out, r, e, words_headline);
    fputs(" ", out);
    put_words(out, r, e, words_details);
    fputs("</p>\n</figcaption>\n</figure>\n<details><summary>All values</summary>\n",
          out);
    for (int i = 0; i < table_count; i++)
        if (tables[i].experiment == e)
            put_table(out, r, &tables[i]);
    fputs("</details>\n</section>\n", out);
}

static void put_fact(FILE *out, const char *name, const char *text)
{
    fprintf(out, "<dt>%s</dt><dd>", name);
    html_text(out, text);
    fputs("</dd>\n", out);
}

static void put_foot(FILE *out, const struct results *r)
{
    char text[400], number[FORMAT_MAX];

    fputs("</main>\n<footer>\n<h2>How this was made</h2>\n<dl>\n", out);
    put_fact(out, "Date", r->date);
    put_fact(out, "Host", r->host);
    put_fact(out, "Kernel", r->kernel);
    put_fact(out, "Processor", r->cpu);
    put_fact(out, "Pinning", r->cpus);
    put_fact(out, "Compiler", r->compiler);
    put_fact(out, "Flags", r->flags);
    put_fact(out, "Descriptors", format_count(number, (double)r->descriptors));
    snprintf(text, sizeof text, "%d, seed %ld%s, %.0f s in all", r->rounds, r->seed,
             r->quick ? ", quick" : "", r->seconds);
    put_fact(out, "Rounds", text);
    if (!isnan(r->other_cpus)) {
        snprintf(text, sizeof text, "kept %.2f CPUs busy meanwhile", r->other_cpus);
        put_fact(out, "Others", text);
    }
    fputs("<dt>Command</dt><dd><code>", out);
    html_text(out, r->command);
    fputs("</code></dd>\n", out);
    for (int i = 0; i < r->server_count; i++) {
        fputs("<dt>", out);
        html_text(out, r->servers[i].label);
        fputs("</dt><dd><code>", out);
        html_text(out, r->servers[i].command);
        fputs("</code></dd>\n", out);
    }
    fputs("</dl>\n<p class=\"note\">Beside this page, results.json has every run with "
          "its ledger, and results.csv the same as a table. Counts per request are of a "
          "server's whole life, connecting included.</p>\n</footer>\n<script>\n", out);
    asset_write(out, asset_page_js);
    fputs("</script>\n</body>\n</html>\n", out);
}

static FILE *open_file(const char *path)
{
    FILE *out = fopen(path, "w");

    if (out == NULL)
        fprintf(stderr, "compare: cannot write %s: %s\n", path, strerror(errno));
    return out;
}

int page_write(const struct results *r, const char *path)
{
    FILE *out = open_file(path);

    if (out == NULL)
        return -1;
    put_head(out, r);
    put_key(out, r);
    put_faults(out, r);
    put_short(out, r);
    for (int e = 1; e <= EXPERIMENTS; e++)
        if (results_has(r, e))
            put_experiment(out, r, e);
    put_foot(out, r);
    return close_written(out, path);
}

int charts_write(const struct results *r, const char *directory)
{
    char path[1200];

    for (int i = 0; i < PANELS; i++) {
        if (!chart_has_data(r, &panels[i]))
            continue;
        snprintf(path, sizeof path, "%s/chart-%s.svg", directory, panels[i].id);
        FILE *out = open_file(path);
        if (out == NULL)
            return -1;
        chart_draw(out, r, &panels[i], true);
        if (close_written(out, path) == -1)
            return -1;
    }
    return 0;
}
