/* reading: what the load client and a server's ledger say, taken into a sample. */
#ifndef COMPARE_READING_H
#define COMPARE_READING_H

#include "process.h"
#include "results.h"

/* Fewer requests in a run are an accident, not a figure. */
enum { FEW_REQUESTS = 20 };
bool reading_is_thin(const struct sample *s);

/* The load client's JSON, and whether it found the server at fault; it has ended. */
void reading_load(struct sample *s, const char *path, const struct process *load);

/* The ledger, if the server has written one; and the mechanism that it names. */
void reading_ledger(struct server *server, struct sample *s, const char *path);

/* Sets the outcome unless one as grave is set: the first is the one to tell. */
void sample_note(struct sample *s, enum outcome outcome, const char *reason);

#endif
