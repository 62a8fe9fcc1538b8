/* report - what a program says on stderr besides its narration: errors, tables, the
 * summary.  It never waits for a reader.
 *
 * A pipe that nobody reads fills up, and a write to it would then block the whole server.
 * So a text is dropped if stderr has no room for it, and a later one says how many were
 * lost.  Linux says POLLOUT of a pipe only if a write of PIPE_BUF bytes, 4096, would not
 * block (pipe(7)), so no text is longer.  The limit: another process that writes to the same
 * pipe between our poll and our write may still block it.
 */
#ifndef MUXLAB_REPORT_H
#define MUXLAB_REPORT_H

#include <stddef.h>

enum { REPORT_MAX = 4096 };

/* Say a text of at most REPORT_MAX bytes that ends with a newline. */
void report_text(const char *text, size_t size);

/* Say one line "PROGRAM: ..."; the format, as printf's, has no newline. */
void report_line(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
