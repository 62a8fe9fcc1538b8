/* options - the command line of race.  Ends the program: with 0 after -h, with 2 and one line on
 * stderr if anything cannot work; nothing has been started by then. */
#ifndef RACE_OPTIONS_H
#define RACE_OPTIONS_H

#include <stdio.h>

#include "lane.h"
#include "script.h"

struct options {
    struct load load;
    double duration;            /* seconds; 0: without end */
    bool screen;                /* else rows */
    FILE *json;                 /* NULL: none */
    const char *json_name;
    bool json_made;             /* there was no such file before */
    struct script script;
    int count;
    const char *names[SERVERS_MAX], *commands[SERVERS_MAX];
    int most;                   /* clients a server that our descriptors allow */
};

void options_parse(struct options *o, int argc, char **argv);

#endif
