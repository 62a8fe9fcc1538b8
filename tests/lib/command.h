/* command - how a tool begins and ends: the streams that it was given, what its command line
 * says, and what it asks of the system.
 *
 * A command line that will not do ends the program with 2 and one line on stderr, which begins
 * with the program's name and ends with where the usage is told. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

/* First of all in main. Where stdin, stdout or stderr is closed, /dev/null gets its number, which
 * a socket would have got otherwise. What is printed to a stdout that was closed is lost, and
 * command_end tells it. A file that may not grow (ulimit -f) fails a write, and kills nobody. */
void command_begin(void);

/* Last of all, also after the usage. Returns `status`; or 1, with a line on stderr, where not all
 * that was printed could be written. */
int command_end(int status);

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
