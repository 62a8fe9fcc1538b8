/* shim_plan.h - what the shim's wrappers ask before each call. */
#ifndef SHIM_PLAN_H
#define SHIM_PLAN_H

#include "shim.h"

#include <stddef.h>
#include <time.h>

/* Counts the call; returns 0 when it is to go through, else the error it has to
 * fail with, which is in errno as well (getaddrinfo: an EAI_ code). */
int shim_strike(enum shim_call call);

/* How many of length bytes this read or write may move: length, or fewer. */
size_t shim_cut(size_t length);

/* Puts the address of the function that the shim stands before into *next. False when
 * the search for it has come back to us: dlsym may allocate or free an error text. */
int shim_next(enum shim_call call, const char *name, void *next);

/* How many bytes a free is to lose; waits if sends are to be slow by now. */
size_t shim_leak(void);
void shim_lag(void);

/* Moves a reading of the wall clock by the step asked for, back and forth. */
void shim_step(time_t *seconds);

#endif
