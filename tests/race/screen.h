/* screen - the terminal: taken over, read by key, and given back as it was.
 *
 * Plain control sequences (ECMA-48, and xterm's other screen), no library.  Given back at the
 * end of the program too, and while it is stopped by Ctrl-Z.
 */
#ifndef RACE_SCREEN_H
#define RACE_SCREEN_H

#include <stdbool.h>

#include "canvas.h"

enum key { KEY_NONE, KEY_RIGHT = 256, KEY_LEFT, KEY_UP, KEY_DOWN };    /* or a character */

/* Can there be one: a terminal for input and output, and not a dumb one? */
bool screen_possible(void);

/* Does the terminal show only ASCII, by locale or by its kind?  Does nobody mind colour? */
bool screen_ascii(void);
bool screen_colour(void);

void screen_open(void);

/* Give the terminal back.  May be called by a signal handler, and more than once. */
void screen_close(void);

/* Rows and columns of now. */
void screen_size(int *rows, int *columns);

/* Has the size changed, or have we been stopped and continued, since this was last asked? */
bool screen_resized(void);

/* Did Ctrl-Z come?  Then give the terminal back, stop, and take it again when continued.  True
 * if this process has been stopped, by whatever, since this was last asked. */
bool screen_stops(void);

/* The next key, waiting for one at most `seconds`. */
int screen_key(double seconds);

void screen_show(const struct canvas *c);

#endif
