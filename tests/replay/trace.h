/* trace - the moments of a lane as JSON lines, for whoever wants to count or draw for
 * themselves. README.md of this folder names the fields. */
#ifndef TRACE_H
#define TRACE_H

#include <stdio.h>

#include "lane.h"

/* Of enum moment_kind: "a client acts" ... */
extern const char *const trace_kinds[];

void trace_write(FILE *out, const char *script, const struct lane *l);

#endif
