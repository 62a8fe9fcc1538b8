#include "canvas.h"

#include <stdlib.h>
#include <string.h>

bool canvas_make(struct canvas *c, int rows, int columns)
{
    struct cell *cells = realloc(c->cells, (size_t)(rows * columns) * sizeof *cells);

    if (cells == NULL)
        return false;
    c->cells = cells;
    c->rows = rows;
    c->columns = columns;
    for (int i = 0; i < rows * columns; i++)
        cells[i] = (struct cell){ ' ', PLAIN };
    return true;
}

static void put(struct canvas *c, int row, int column, unsigned glyph, int style)
{
    if (row >= 0 && row < c->rows && column >= 0 && column < c->columns)
        c->cells[row * c->columns + column] = (struct cell){ glyph, (unsigned char)style };
}

/* The next code point of well-formed UTF-8, up to three bytes long. */
static unsigned next(const char **text)
{
    const unsigned char *t = (const unsigned char *)*text;
    unsigned length = t[0] < 0xC0 ? 1 : t[0] < 0xE0 ? 2 : 3;
    unsigned glyph = length == 1 ? t[0] : t[0] & (length == 2 ? 0x1Fu : 0x0Fu);

    for (unsigned i = 1; i < length; i++)
        glyph = glyph << 6 | (t[i] & 0x3Fu);
    *text += length;
    return glyph;
}

int canvas_put(struct canvas *c, int row, int column, int style, const char *text)
{
    while (*text != '\0') {
        unsigned glyph = next(&text);

        if (c->ascii && glyph > 0x7E)
            glyph = glyph == 0xB5 ? 'u' : glyph == 0x2500 ? '-' : '?';
        put(c, row, column++, glyph, style);
    }
    return column;
}

static double within(double part)
{
    return part > 0 ? part < 1 ? part : 1 : 0;      /* NAN is nothing, too */
}

void canvas_bar(struct canvas *c, int row, int column, int columns, double part, int style)
{
    int eighths = (int)(within(part) * columns * 8 + 0.5);

    if (eighths == 0 && part > 0)
        eighths = 1;            /* little is not nothing */
    for (int i = 0; i < columns && eighths > 0; i++, eighths -= 8) {
        if (c->ascii)
            put(c, row, column + i, eighths >= 4 || i == 0 ? '#' : ' ', style);
        else    /* U+2588 is a full block, U+2589 seven eighths, to U+258F one */
            put(c, row, column + i, eighths >= 8 ? 0x2588u : 0x2590u - (unsigned)eighths, style);
    }
}

void canvas_column(struct canvas *c, int row, int column, double part, int style)
{
    static const char levels[] = "_.-:=+*#";
    unsigned level = (unsigned)(within(part) * 7 + 0.5);

    put(c, row, column, c->ascii ? (unsigned char)levels[level] : 0x2581u + level, style);
}

static void put_glyph(unsigned glyph, FILE *to)
{
    if (glyph < 0x80) {
        fputc((int)glyph, to);
    } else if (glyph < 0x800) {
        fputc((int)(0xC0 | glyph >> 6), to);
        fputc((int)(0x80 | (glyph & 0x3F)), to);
    } else {
        fputc((int)(0xE0 | glyph >> 12), to);
        fputc((int)(0x80 | (glyph >> 6 & 0x3F)), to);
        fputc((int)(0x80 | (glyph & 0x3F)), to);
    }
}

static int length_of(const struct canvas *c, const struct cell *row)
{
    int n = c->columns;

    while (n > 0 && row[n - 1].glyph == ' ' && row[n - 1].style == PLAIN)
        n--;
    return n;
}

void canvas_print(const struct canvas *c, FILE *to)
{
    for (int r = 0; r < c->rows; r++) {
        const struct cell *row = c->cells + r * c->columns;
        int n = c->columns;

        while (n > 0 && row[n - 1].glyph == ' ')
            n--;
        for (int i = 0; i < n; i++)
            put_glyph(row[i].glyph, to);
        fputc('\n', to);
    }
}

static void set_style(const struct canvas *c, int style, FILE *to)
{
    fputs("\033[0", to);
    if (style & BOLD)
        fputs(";1", to);
    if (style & REVERSE)
        fputs(";7", to);
    if (c->colour && style / COLOUR > 0)
        fprintf(to, ";3%d", style / COLOUR);
    fputc('m', to);
}

/* The cursor goes home, and each row is written over the old one: nothing flickers. */
void canvas_show(const struct canvas *c, FILE *to)
{
    fputs("\033[H", to);
    for (int r = 0; r < c->rows; r++) {
        const struct cell *row = c->cells + r * c->columns;
        int style = PLAIN;

        for (int i = 0, n = length_of(c, row); i < n; i++) {
            if (row[i].style != style)
                set_style(c, style = row[i].style, to);
            put_glyph(row[i].glyph, to);
        }
        if (style != PLAIN)
            set_style(c, PLAIN, to);
        fputs(r + 1 < c->rows ? "\033[K\r\n" : "\033[K", to);
    }
}
