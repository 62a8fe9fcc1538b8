/* machine: where the results were made, written into them. */
#ifndef COMPARE_MACHINE_H
#define COMPARE_MACHINE_H

#include "results.h"

/* Host, kernel, processor, compiler, date, limits; raises RLIMIT_NOFILE to the hard
 * limit, so that children have it. */
void machine_describe(struct results *r);

/* CPUs for the server and for its clients, of those we may use, not two threads of one
 * core where that can be helped; -1 both when there is only one. */
void machine_choose_cpus(int *server, int *client);

/* CPU seconds used so far: by the whole machine; by this program and its children that
 * were waited for. */
double machine_busy(void);
double own_busy(void);

#endif
