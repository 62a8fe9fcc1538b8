/* numbers - options of a program's own, beside those that all servers have: --threads N.
 *
 * They are taken out of the command line before options.h reads the rest.  A limit: each has
 * to be spelled in full, and a word that is spelled like one is never the value of another
 * option.
 */
#ifndef MUXLAB_NUMBERS_H
#define MUXLAB_NUMBERS_H

struct number {
    const char *name;           /* "--threads" */
    long        least, most;
    long        value;          /* the default, until another one is given */
};

/* Take the options of the table, which ends with a NULL name, out of argv.  A bad value ends
 * the program, as in options.h. */
void numbers_take(struct number *own, const char *program, int *argc, char **argv);

#endif
