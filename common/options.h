/* options - the command line, the same for all servers. */
#ifndef MUXLAB_OPTIONS_H
#define MUXLAB_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "service.h"

struct options {
    const char  *program;          /* "poll_server" */
    const char  *host, *port;
    enum service service;
    long         max_clients;      /* 0: as many as can be */
    int64_t      idle_timeout;     /* nanoseconds; 0: never */
    int64_t      frame_timeout;    /* likewise */
    uint32_t     read_size;        /* bytes; the most one recv takes */
    int          rcvbuf, sndbuf;   /* bytes; 0: the kernel's default */
    int          verbose;          /* 0, 1 (-v) or 2 (-vv) */
    FILE        *ledger;           /* -l: opened to append, nothing is cut yet; or NULL */
};

/* Read the command line.  A bad option or value ends the program with one line on stderr
 * that names it, exit status 2; -h and -V print to stdout and end it with 0.  The strings
 * point into argv.  It prints through stdio, so the standard descriptors must be open.
 * `own` is what the help says besides, with a newline: of options that were taken out of
 * argv before.  Or it is "". */
void options_parse(struct options *o, int argc, char **argv, const char *program,
                   const char *port, const char *own);

/* The number that `text` says, for the option `what`; from `least` to `most`, or it ends as
 * above.  Of *o the program's name is enough. */
long options_number(const struct options *o, const char *what, const char *text, long least,
                    long most);

#endif
