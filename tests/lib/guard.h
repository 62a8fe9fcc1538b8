/* guard - waiting without hanging.
 *
 * A test never sleeps and hopes: it waits for a condition, and the guard only bounds
 * how long a broken server may keep it waiting. No verdict depends on a server being
 * quick; the guard is generous enough for a loaded machine and for sanitizers.
 *
 *     for (double end = guard_end(); !condition(); guard_pause(end, "the last client"))
 *         ;
*/
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

/* Seconds after which a wait counts as a hang: 10, up to 40 where more programs want to run
 * than there are processors; or what TEST_GUARD says. */
#define GUARD guard_seconds()
double guard_seconds(void);

double guard_now(void); /* monotonic seconds */
double guard_end(void); /* now + guard_seconds() */

/* Milliseconds left until `end`, rounded up, at least 0: a timeout for poll(2). */
int guard_left(double end);

/* Waits until poll(2) reports any of the events, or more, of this descriptor. False: not until
 * `end`. */
bool guard_wait(int fd, short events, double end);

/* Sleeps a millisecond; past `end`, fails the test: it waited for `what` in vain. */
void guard_pause(double end, const char *what);

/* Sleeps until `moment` of guard_now(); for the tests of the server's own clocks. */
void guard_sleep_until(double moment);

#endif
