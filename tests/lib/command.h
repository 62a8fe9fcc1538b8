/* command - how a tool begins: what its command line says, and what it asks of the system.
 *
 * A command line that will not do ends the program with 2 and one line on stderr, which begins
 * with the program's name and ends with where the usage is told. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

_Noreturn void command_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The number that an option has been given, within these bounds or refused. */
double command_number(const char *option, const char *text, double least, double most);
long long command_whole(const char *option, const char *text, long long least,
                        long long most);

/* Raises the soft limit of descriptors to the hard one. Returns it, at most a million. */
long command_descriptors(void);

/* The folder in which the program itself lies. */
void command_folder(char *path, size_t size);

#endif
