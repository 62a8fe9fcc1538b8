/* rest - the processor time of a server that is asked nothing at the moment. */
#ifndef REST_H
#define REST_H

#include <sys/types.h>

enum rest {
    AT_REST,
    NEVER_RESTS,                /* something in it ran until patience had run out */
    NO_PROCESS                  /* it has ended, or /proc does not tell */
};

/* Wait, at most `patience` seconds, until every thread of the process sleeps for good: asleep
 * twice, 100 µs apart, without having run between.  *seconds is then the processor time of all
 * its threads, those that have ended too.  What its children use is not in it. */
enum rest cpu_at_rest(pid_t pid, double patience, double *seconds);

#endif
