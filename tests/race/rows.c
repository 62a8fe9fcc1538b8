#include "rows.h"

#include <math.h>

enum { WIDTH = 10 };            /* of a column */

void rows_head(FILE *to)
{
    fprintf(to, "%-6s %-10s %-7s %6s %6s %5s %7s", "second", "server", "service", "active",
            "idle", "depth", "clients");
    for (int f = 0; f < FIGURES; f++)
        fprintf(to, " %*s", WIDTH, figure_words[f].column);
    fputc('\n', to);
}

void rows_second(FILE *to, const struct load *load, int second, const struct lane *lanes,
                 int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(to, "%6d %-10s %-7s %6d %6d %5d %7d", second, lanes[i].standing.name,
                load->service, load->active, load->idle, load->depth,
                lanes[i].standing.clients);
        for (int f = 0; f < FIGURES; f++) {
            double value = tally_figure(&lanes[i].second, (enum figure)f);

            if (isnan(value))
                fprintf(to, " %*s", WIDTH, "-");
            else
                fprintf(to, " %*.*f", WIDTH, f == REQUESTS || f == MEMORY ? 0 : 3, value);
        }
        fputc('\n', to);
    }
    fflush(to);
}

void rows_json_begin(FILE *to, const struct lane *lanes, int count)
{
    fputs("{\"servers\":[", to);
    for (int i = 0; i < count; i++)
        fprintf(to, "%s\"%s\"", i > 0 ? "," : "", lanes[i].standing.name);
    fputs("],\"rows\":[", to);
}

/* Each row but the first one begins with a comma. */
void rows_json_second(FILE *to, const struct load *load, int second, const struct lane *lanes,
                      int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(to, "%s\n{\"second\":%d,\"server\":\"%s\",\"service\":\"%s\",\"active\":%d,"
                "\"idle\":%d,\"depth\":%d,\"clients\":%d", second > 1 || i > 0 ? "," : "",
                second, lanes[i].standing.name, load->service, load->active, load->idle,
                load->depth, lanes[i].standing.clients);
        for (int f = 0; f < FIGURES; f++) {
            double value = tally_figure(&lanes[i].second, (enum figure)f);

            fprintf(to, ",\"%s\":", figure_words[f].key);
            if (isnan(value))
                fputs("null", to);
            else
                fprintf(to, "%.3f", value);
        }
        fputc('}', to);
    }
}

void rows_json_end(FILE *to)
{
    fputs("\n]}\n", to);
}

void rows_stage(FILE *to, const struct stage *s, const struct lane *lanes, int count)
{
    static const int width[FIGURES] = { 9, 7, 10, 9, 9, 9, 7 };

    fprintf(to, "\n%s, %d active, %d idle, depth %d; %d second%s\n%-10s", s->load.service,
            s->load.active, s->load.idle, s->load.depth, s->seconds,
            s->seconds == 1 ? "" : "s", "");
    for (int f = 0; f < FIGURES; f++)
        fprintf(to, " %*s", width[f], figure_words[f].column);
    fputc('\n', to);
    for (int i = 0; i < count; i++) {
        fprintf(to, "%-10s", lanes[i].standing.name);
        for (int f = 0; f < FIGURES; f++) {
            char text[FIGURE_TEXT];

            figure_text(text, tally_figure(&s->tallies[i], (enum figure)f));
            fprintf(to, " %*s", width[f], text);
        }
        fputc('\n', to);
    }
    for (int i = 0; i < count; i++)
        if (s->clients[i] < s->load.active + s->load.idle)
            fprintf(to, "(%s was full with %d clients.)\n", lanes[i].standing.name,
                    s->clients[i]);
}
