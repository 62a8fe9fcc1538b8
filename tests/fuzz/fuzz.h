/* fuzz - what the fuzz targets share.
 *
 * A target is a function of one input.  clang's libFuzzer calls it with inputs that it
 * makes up (make fuzz); replay.c calls it with those that are kept in corpus/ (make
 * test, any compiler).  What must hold and does not ends the program with SIGABRT,
 * which both take for a find.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* Abort unless it holds; the text says what was expected and what came. */
__attribute__((format(printf, 2, 3)))
void expect(bool holds, const char *format, ...);

#endif
