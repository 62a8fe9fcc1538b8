/* control - a server known to be good, asked all the while beside the one that is judged.
 *
 * It is build/poll_server, which the scenarios hold to the whole contract: no second
 * server had to be written, and none has to be trusted. A child of the grader asks it a
 * sum fifty times a second. Where those replies come late, the machine is busy, and a
 * wait that ended in vain says nothing about the server that is judged. */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>

/* False where it cannot be started; the reason is on stderr then. */
bool control_start(void);
void control_stop(void);

/* From here on a late reply counts. */
void control_mark(void);

/* The slowest round since the mark, in seconds; one still under way counts. */
double control_slowest(void);

#endif
