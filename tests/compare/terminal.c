#define _GNU_SOURCE
#include "terminal.h"

#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "plan.h"
#include "table.h"
#include "words.h"

enum { LINE_COLUMNS = 79 };

/* Columns that UTF-8 text takes on the screen, as long as it is of Latin letters. */
static int columns(const char *text)
{
    int n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void put_cell(FILE *out, const char *text, int width)
{
    fprintf(out, "%*s%s", width - columns(text) > 0 ? width - columns(text) : 1, "",
            text);
}

static void put_wrapped(FILE *out, const char *text)
{
    int at = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        char word[256];

        snprintf(word, sizeof word, "%.*s", (int)length, text);
        if (at > 0 && at + 1 + columns(word) > LINE_COLUMNS) {
            putc('\n', out);
            at = 0;
        }
        fprintf(out, "%s%s", at > 0 ? " " : "", word);
        at += columns(word) + (at > 0);
        text += length + strspn(text + length, " ");
    }
    if (at > 0)
        putc('\n', out);
}

static void cell_text(char out[FORMAT_MAX], const struct results *r,
                      const struct table *table, const struct table_row *row,
                      int server)
{
    struct spread v = table_cell(r, table, row, server);
    char median[FORMAT_MAX], range[FORMAT_MAX];

    if (v.n == 0)
        snprintf(out, FORMAT_MAX, "%s", table_gap(r, table, row, server));
    else if (v.n == 1 || !measure_is_latency(row->measure))
        format_spread(out, &v);
    else
        snprintf(out, FORMAT_MAX, "%.20s [%.50s]", format_latency(median, v.median),
                 format_latency_range(range, &v));
}

static void put_table(FILE *out, const struct results *r, const struct table *table)
{
    struct table_row rows[ROWS_MAX];
    int n = table_rows(r, table, rows), width[SERVERS_MAX] = { 0 }, head = 0;
    char text[FORMAT_MAX];

    if (n == 0)
        return;
    for (int s = 0; s < r->server_count; s++)
        width[s] = columns(r->servers[s].label);
    for (int i = 0; i < n; i++) {
        head = columns(rows[i].head) > head ? columns(rows[i].head) : head;
        for (int s = 0; s < r->server_count; s++) {
            cell_text(text, r, table, &rows[i], s);
            width[s] = columns(text) > width[s] ? columns(text) : width[s];
        }
    }
    fprintf(out, "\n%s\n%*s", table->caption, head, "");
    for (int s = 0; s < r->server_count; s++)
        put_cell(out, r->servers[s].label, width[s] + 2);
    for (int i = 0; i < n; i++) {
        fprintf(out, "\n%s%*s", rows[i].head, head - columns(rows[i].head), "");
        for (int s = 0; s < r->server_count; s++) {
            cell_text(text, r, table, &rows[i], s);
            put_cell(out, text, width[s] + 2);
        }
    }
    putc('\n', out);
}

/* What `say` writes, wrapped. */
static void put_words(FILE *out, const struct results *r, int which, words_say *say)
{
    char *text = words_text(r, which, say);

    put_wrapped(out, text);
    free(text);
}

void terminal_report(FILE *out, const struct results *r)
{
    fprintf(out, "Medians of %d rounds, with [lowest-highest].\n", r->rounds);
    for (int e = 1; e <= EXPERIMENTS; e++) {
        if (!results_has(r, e))
            continue;
        fprintf(out, "\n%d. %s\n", e, experiments[e].name);
        for (int i = 0; i < table_count; i++)
            if (tables[i].experiment == e && tables[i].in_terminal)
                put_table(out, r, &tables[i]);
        putc('\n', out);
        put_words(out, r, e, words_headline);
        put_words(out, r, e, words_details);
    }
    putc('\n', out);
    put_words(out, r, 0, words_doubts);
    for (int s = 0; s < r->server_count; s++)
        if (words_has_fault(r, s)) {
            fputs("AT FAULT: ", out);
            put_words(out, r, s, words_fault);
        } else if (!words_was_measured(r, s)) {
            fprintf(out, "NOT MEASURED: %s\n", r->servers[s].label);
        }
}
