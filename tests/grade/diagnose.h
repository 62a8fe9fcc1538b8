/* diagnose - from what a check saw and what the kernel shows to the cause.
 *
 * Called in the grader, an ancestor of the server, while the check's sockets are still
 * open. Sets the sheet's cause, and its `kernel` line where the system tells. */
#ifndef DIAGNOSE_H
#define DIAGNOSE_H

#include "exam.h"

void diagnose(struct exam *e);

/* Of a server that ended; `sig` as of subject_end. */
const char *diagnose_cause_of_end(const struct exam *e, struct sheet *sheet, int sig);

#endif
