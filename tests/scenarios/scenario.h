/* scenario - the table of questions that are put to a server.
 *
 * A scenario is one question, with the answer that the contract (docs/protocol.md) asks
 * for, and the function that puts it:
 *
 *     SCENARIO(sum, "frames/sum", "calc", "-i 5",
 *         "Is 9@10 + 1234@ answered by 6@1244 0@?")
 *     {
 *         int fd = client_open(s);
 *         ...
 *     }
 *
 * It runs in a process of its own, as soon as `s`, a server with these options, has
 * printed its banner; where the options are NULL it starts its own, from s->command. The
 * server that is left at its end gets SIGTERM: the runner asks of every scenario whether
 * the server ends cleanly after it, and judges that apart. The question is printed when
 * the answer is wrong. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "../lib/bystander.h"
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"
#include "../lib/script.h"

struct scenario {
    const char *name;    /* GROUP/NAME */
    const char *service; /* "calc", "echo"; "any" where it does not matter */
    const char *options;
    const char *question;
    void (*run)(struct server *s);
};

#define SCENARIO(id, name, service, options, question)                                   \
    static void run_##id(struct server *s);                                              \
    static const struct scenario id = { name, service, options, question, run_##id };    \
    static void run_##id(struct server *s)

/* Ends the server within a scenario, as the runner does at its end. */
void scenario_end(struct server *s);

/* One list a file, each ended by NULL. */
typedef const struct scenario *const scenario_list[];
extern scenario_list frames_scenarios, segmentation_scenarios, bad_frames_scenarios,
    endings_scenarios, full_house_scenarios, clocks_scenarios, backpressure_scenarios,
    stopping_scenarios, signals_scenarios, descriptors_scenarios, resets_scenarios,
    crowd_scenarios, command_line_scenarios, echo_scenarios;

#endif
