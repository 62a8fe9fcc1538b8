/* proc - what /proc tells of a process: proc(5).
 *
 * A process may end at any moment and belong to somebody else: what cannot be read is said by
 * the return value, and is no failure of a test. */
#ifndef PROC_H
#define PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads /proc/PID/NAME into text, as a string. Returns its length; -1 with errno. */
ssize_t proc_read(pid_t pid, const char *name, char *text, size_t room);

/* The first letter is the state of the process, S, R, T, Z ..., or of its thread TID where that
 * is not 0; the other fields of `stat` follow it. NULL with errno. */
const char *proc_stat(pid_t pid, pid_t tid, char *text, size_t room);

/* The number behind `field`, "VmRSS:", in a file such as `status`; -1 with errno. */
long proc_figure(pid_t pid, const char *name, const char *field);

/* The numbers in the folder `fd`, `fdinfo` or `task` of a process: calls look (may be NULL)
 * for each until it returns true. Returns how many calls were made, or -1 with errno. */
int proc_walk(pid_t pid, const char *folder, bool (*look)(void *context, pid_t pid, int number),
              void *context);

/* Reads from the memory of another process; false where that is not allowed. */
bool proc_memory(pid_t pid, unsigned long at, void *bytes, size_t len);

#endif
