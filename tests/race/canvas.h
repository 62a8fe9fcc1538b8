/* canvas - a screen full of characters: drawn here first, and then written at once.
 *
 * Pure: it knows no terminal.  What does not fit is cut off.
 */
#ifndef RACE_CANVAS_H
#define RACE_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

enum style { PLAIN = 0, BOLD = 1, REVERSE = 2, COLOUR = 4 };    /* COLOUR * (1 to 7): a colour */

struct cell {
    unsigned glyph;             /* a code point */
    unsigned char style;
};

struct canvas {
    int rows, columns;
    bool ascii;                 /* the terminal shows nothing else */
    bool colour;
    struct cell *cells;
};

/* Empty, of this size; false if there is no memory. */
bool canvas_make(struct canvas *c, int rows, int columns);

/* Text in UTF-8.  Returns the column behind it. */
int canvas_put(struct canvas *c, int row, int column, int style, const char *text);

/* A bar `part` of `columns` long, 0 to 1, to an eighth of a column. */
void canvas_bar(struct canvas *c, int row, int column, int columns, double part, int style);

/* One column, filled `part` of its height from below. */
void canvas_column(struct canvas *c, int row, int column, double part, int style);

/* As lines of text, without trailing blanks. */
void canvas_print(const struct canvas *c, FILE *to);

/* As control sequences of a terminal, from its first row and column on. */
void canvas_show(const struct canvas *c, FILE *to);

#endif
