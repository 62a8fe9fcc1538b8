/* scenario - the table of questions that are put to a server.

   Each scenario is a function headed by the question it answers and the answer that the
   contract (docs/protocol.md) asks for. It runs in a process of its own, starts its own
   server from `command`, and ends with server_stop, so that each also asks: does the
   server end cleanly after this? */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "../lib/bystander.h"
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"
#include "../lib/script.h"

struct scenario {
    const char *name;
    const char *service; /* "calc", "echo"; "any" where it does not matter */
    void (*run)(char *const command[]);
};

/* Each ends with a NULL name. */
extern const struct scenario frames_scenarios[];
extern const struct scenario segmentation_scenarios[];
extern const struct scenario bad_frames_scenarios[];
extern const struct scenario endings_scenarios[];
extern const struct scenario full_house_scenarios[];
extern const struct scenario clocks_scenarios[];
extern const struct scenario backpressure_scenarios[];
extern const struct scenario stopping_scenarios[];
extern const struct scenario signals_scenarios[];
extern const struct scenario descriptors_scenarios[];
extern const struct scenario resets_scenarios[];
extern const struct scenario crowd_scenarios[];
extern const struct scenario command_line_scenarios[];
extern const struct scenario echo_scenarios[];

#endif
