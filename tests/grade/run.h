/* run - one run of the grader: how the server is started for it, and how a check is made.
 * Which checks, and in which order, says grade.c. */
#ifndef RUN_H
#define RUN_H

#include "exam.h"
#include "options.h"
#include "report.h"

struct run {
    struct options options;
    struct subject subject;
    struct exam exam;
    struct result *result; /* shared with the checks' processes */
    double deadline;       /* no check is begun after it */
    const char *hung;      /* the cause of the last check that cost a patience, or NULL */
    bool ended;            /* no further check makes sense */
};

/* A sentence for the end of the report. The same one is said once. */
void run_note(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Starts the server; again, at its port of before, where it was started already. `spare`
 * descriptors are open in it. Where it does not come up, the sheet says why and the run has
 * ended. */
void run_start(struct run *run, struct sheet *sheet);
void run_restart(struct run *run, int spare, struct sheet *sheet);

/* One check; where it failed for lateness and the machine was late too, it is made once more,
 * and then is not judged. */
void run_check(struct run *run, const struct check *c, struct sheet *sheet);

/* Has the check failed for a wait that was in vain, or for one that was too long? */
bool run_depends_on_time(const struct sheet *s);

/* Was the control server so late, since the last check began, that a wait in vain says
 * nothing? */
bool run_machine_is_late(const struct run *run);

#endif
