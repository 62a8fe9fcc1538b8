/* panel - the race as it is drawn: a block a figure, a line a server in each. */
#ifndef RACE_PANEL_H
#define RACE_PANEL_H

#include "canvas.h"
#include "figures.h"

/* How many figures have room on a screen of so many rows; 0: it is too small. */
int panel_figures(int rows, int columns, int servers);

/* Draw all of it on a canvas that is empty. */
void panel_draw(struct canvas *c, const struct view *v);

#endif
