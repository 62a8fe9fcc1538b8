/* behind - starting servers behind the preload shim (shim.c), or behind strace.
 *
 *     behind_find(argv[0]);              ... shim.so lies beside this program
 *     page = behind_count();             ... counts of calls, from now on
 *     behind_shim("SHIM_EINTR", "2");
 *     server_start(&s, command, "");     ... its every second wait is interrupted
 *     behind_nothing();                  ... servers started from now on run free
 */
#ifndef BEHIND_H
#define BEHIND_H

#include "shim.h"

/* Ends the program with status 2 if there is no shim.so. */
void behind_find(const char *program);

/* The path of a program or file that lies in the folder of this program, or above. */
const char *behind_path(const char *name);

/* Servers started from now on run behind the shim, and this is its plan. */
void behind_shim(const char *variable, const char *value);

/* Counts are kept in the page returned, live. It is the caller's to clear. */
struct shim_page *behind_count(void);

void behind_nothing(void);

/* The command, run under strace, which tampers with these system calls (names parted by
 * commas) in the way of its option -e inject=CALLS:HOW. NULL where there is no strace,
 * or none that may trace. */
char **behind_strace(char *const command[], const char *calls, const char *how);

#endif
