#include "panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    HEAD = 1,                   /* rows of the load, */
    FOOT = 3,                   /* of the words and the keys */
    NAME = 1,                   /* columns: where a name begins, */
    NUMBER = NAME + NAME_MAX_LENGTH + 1,    /* a number, */
    NUMBER_WIDE = 9,
    BAR = NUMBER + NUMBER_WIDE + 2,         /* and a bar */
    NARROWEST = 60,
    WIDE = 120                  /* from here on a second of the past has a column */
};

int panel_figures(int rows, int columns, int servers)
{
    int some = (rows - HEAD - FOOT) / (1 + servers);

    return columns < NARROWEST || some < 1 ? 0 : some < FIGURES ? some : FIGURES;
}

static void draw_head(struct canvas *c, const struct view *v)
{
    char active[FIGURE_TEXT], idle[FIGURE_TEXT], line[160];
    int end;

    for (int i = 0; i < c->columns; i++)
        canvas_put(c, 0, i, REVERSE, " ");
    count_text(active, v->load.active);
    count_text(idle, v->load.idle);
    snprintf(line, sizeof line, " %s: %s active, %s idle clients a server, depth %d",
             v->load.service, active, idle, v->load.depth);
    canvas_put(c, 0, 0, REVERSE | BOLD, line);
    snprintf(line, sizeof line, "%s%d:%02d ", v->paused ? "PAUSED  " : "", v->seconds / 60,
             v->seconds % 60);
    end = (int)strlen(line);
    canvas_put(c, 0, c->columns - end, REVERSE | BOLD, line);
}

/* The last minute: a column is a second, or two, which stay together as time goes on. */
static void draw_past(struct canvas *c, const struct view *v, const struct standing *s, int row,
                      int column, enum figure f, double most)
{
    int each = c->columns >= WIDE ? 1 : 2;
    int columns = MINUTE / each, newest = v->seconds % each == 0 ? each : v->seconds % each;

    for (int k = 0, to = MINUTE - newest; k < columns; k++, to -= each) {
        double sum = 0;
        int n = 0;

        for (int i = to < 0 ? 0 : to; i < to + (k == 0 ? newest : each) && i < MINUTE; i++)
            if (!isnan(s->past[i][f])) {
                sum += s->past[i][f];
                n++;
            }
        if (n > 0)
            canvas_column(c, row, column + columns - 1 - k, sum / n / most, PLAIN);
    }
}

static void draw_block(struct canvas *c, const struct view *v, int row, enum figure f)
{
    static const int colours[] = { 6, 3, 2, 5, 1, 4 };  /* cyan, yellow, green, magenta ... */
    const struct figure_words *words = &figure_words[f];
    int past = c->columns - 1 - (c->columns >= WIDE ? MINUTE : MINUTE / 2);
    double most = 0, most_past = 0;

    canvas_put(c, row, 0, BOLD, words->title);
    canvas_put(c, row, BAR + 6, PLAIN, words->meaning);
    if (f == (enum figure)v->first)
        canvas_put(c, row, c->columns - 1 - 11, PLAIN, "last minute");
    for (int i = 0; i < v->count; i++)
        for (int k = 0; k < MINUTE; k++) {
            most_past = fmax(most_past, v->servers[i].past[k][f]);
            if (k == MINUTE - 1)
                most = fmax(most, v->servers[i].past[k][f]);
        }
    for (int i = 0; i < v->count; i++) {
        const struct standing *s = &v->servers[i];
        int style = COLOUR * colours[i % 6];
        char number[FIGURE_TEXT];
        double value = s->past[MINUTE - 1][f];

        row++;
        canvas_put(c, row, NAME, BOLD, s->name);
        canvas_put(c, row, 0, BOLD, s->out ? "x" : s->full ? "!" : " ");
        figure_text(number, value);
        canvas_put(c, row, NUMBER + NUMBER_WIDE - (int)strlen(number), BOLD, number);
        if (s->out != NULL)
            canvas_put(c, row, BAR, PLAIN, "out of the race");
        else
            canvas_bar(c, row, BAR, past - BAR - 1, value / most, style);
        draw_past(c, v, s, row, past, f, most_past);
    }
}

/* Words, broken at blanks, on some rows; what is too long is cut. */
static void draw_words(struct canvas *c, const char *words, int row, int rows)
{
    char line[300];

    for (int r = 0; r < rows && *words != '\0'; r++) {
        int n = (int)strlen(words), room = c->columns - 2;

        if (n > room && r + 1 < rows) {
            for (n = room; n > 0 && words[n] != ' '; n--)
                continue;
            n = n > 0 ? n : room;
        }
        snprintf(line, sizeof line, "%.*s", n, words);
        canvas_put(c, row + r, 1, BOLD, line);
        words += n;
        words += strspn(words, " ");
    }
}

static const char keys[] =
    "+ - idle 100  > < 1,000  a A active  d D depth  s service  space pause  q quit";
static const char keys_more[] =
    "Tab more  + - > < idle  a A active  d D depth  s service  space pause  q quit";

void panel_draw(struct canvas *c, const struct view *v)
{
    int some = panel_figures(c->rows, c->columns, v->count), row = HEAD;
    int spare;

    if (some == 0) {
        canvas_put(c, 0, 0, BOLD, "too small: 60 columns, please, and 9 rows. q quits");
        return;
    }
    spare = c->rows - HEAD - FOOT - some * (1 + v->count);
    draw_head(c, v);
    row += spare > 0 && spare < some;
    for (int i = 0; i < some; i++) {
        row += spare >= some;
        draw_block(c, v, row, (enum figure)((v->first + i) % FIGURES));
        row += 1 + v->count;
    }
    draw_words(c, v->words, c->rows - FOOT, FOOT - 1);
    canvas_put(c, c->rows - 1, 1, PLAIN, some < FIGURES ? keys_more : keys);
}
