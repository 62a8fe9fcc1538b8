/* options - the command line, the same for all servers; some have numbers of their own. */
#ifndef MUXLAB_OPTIONS_H
#define MUXLAB_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "service.h"

enum { OPTION_NUMBERS = 4 };    /* the most options of its own that a program has */

/* Such an option; a table of them ends with a NULL name. */
struct option_number {
    const char *name;              /* "threads" */
    const char *value, *meaning;   /* for the help: "N", "workers" */
    long        least, most, preset;
    long        descriptors;       /* that each one needs: the clients have those less */
};

struct options {
    const char  *program;          /* "poll_server" */
    const char  *host, *port;
    enum service service;
    uint32_t     max_clients;      /* 0: as many as can be */
    int64_t      idle_timeout;     /* nanoseconds; 0: never */
    int64_t      frame_timeout;    /* likewise */
    uint32_t     read_size;        /* bytes; the most one recv takes */
    int          rcvbuf, sndbuf;   /* bytes; 0: the kernel's default */
    int          verbose;          /* 0, 1 (-v) or 2 (-vv) */
    FILE        *ledger;           /* -l: opened to append, nothing is cut yet; or NULL */
    long         numbers[OPTION_NUMBERS];    /* of its own, in the order of its table */
};

/* Read the command line.  A bad option or value ends the program with one line on stderr
 * that names it, exit status 2; -h and -V print to stdout and end it with 0.  The strings
 * point into argv.  `own` is the table of the program's own options, or NULL.
 * It prints through stdio, so the standard descriptors must be open. */
void options_parse(struct options *o, int argc, char **argv, const char *program,
                   const char *port, const struct option_number *own);

#endif
