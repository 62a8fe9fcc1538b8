/* rows - the faults that are no single client's: each a question put to a server.
 *
 * As the scenarios, each runs in a process of its own, starts its own server and ends
 * it with server_stop; failing is check.h's affair. */
#ifndef ROWS_H
#define ROWS_H

#include "../lib/bystander.h"
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"
#include "behind.h"

struct row {
    const char *name;
    void (*run)(char *const command[]);
};

/* Each ends with a NULL name. */
extern const struct row kernel_rows[];
extern const struct row crowd_rows[];
extern const struct row badclient_rows[];

#endif
