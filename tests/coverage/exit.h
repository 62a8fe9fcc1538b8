/* exit.h - put before each source of the coverage build: _exit(2) would throw the counts of
 * gcov away, so they are written first. */
#ifndef COVERAGE_EXIT_H
#define COVERAGE_EXIT_H

#include <unistd.h>

void __gcov_dump(void);
#define _exit(status) (__gcov_dump(), _exit(status))

#endif
