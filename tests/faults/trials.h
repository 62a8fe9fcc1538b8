/* trials - which calls are made to fail, and with what. */
#ifndef TRIALS_H
#define TRIALS_H

#include "shim.h"

#include <stdbool.h>

struct trial {
    enum shim_call call;
    const char *call_name;
    const char *error;
    bool costs_a_client; /* may one client be lost to it? */
};

/* All of them, the calls in order, a call's commonest error first; call_name NULL
 * ends the table. */
extern const struct trial trials[];

#endif
