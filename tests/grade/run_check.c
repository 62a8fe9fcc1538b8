#define _GNU_SOURCE
#include "run.h"

#include "control.h"

#include "../lib/guard.h"
#include "../lib/proc.h"

#include <string.h>

/* A wait that ended in vain says nothing if the control server was so late meanwhile:
 * this share of the patience. */
static const double late_share = 0.25;

/* So many seconds in line for a processor, and it was not the server that was late. */
static const double line_most = 0.5;

/* A server is slow whose fastest reply takes this share of the patience. */
static const double slow_share = 0.05;

bool run_depends_on_time(const struct sheet *s)
{
    return s->verdict == FAILED && (s->kind == SILENCE || s->kind == SLOW || s->kind == GROWS
                                    || s->kind == REFUSED || s->kind == EXTRA);
}

bool run_machine_is_late(const struct run *run)
{
    return control_slowest() > late_share * run->options.patience;
}

/* The longest that one process of the server has stood in line for a processor, and how often
 * that one has gone to sleep. */
static double stood_in_line(const struct run *run, long *sleeps)
{
    static struct tree tree;
    double longest = 0;

    *sleeps = -1;
    subject_tree(&run->subject, &tree);
    for (int i = 0; i < tree.count; i++) {
        double one = witness_in_line(tree.pids[i]);

        if (one >= longest) {
            longest = one;
            *sleeps = proc_figure(tree.pids[i], "status", "voluntary_ctxt_switches:");
        }
    }
    return longest;
}

/* Was it the machine? A wait that ended in vain is put beside the control server's
 * slowest reply meanwhile, and beside the time that the server itself stood in line: the
 * control server needs little of a processor, and gets that soon. Where all of a check took
 * too long, it was the server if its every reply was slow. */
static bool is_late_too(const struct run *run, const struct sheet *sheet, double in_line)
{
    if (sheet->verdict == PASSED && sheet->unsettled)
        return run_machine_is_late(run);
    if (sheet->cause && !strcmp(sheet->cause, "spins-after-fin"))
        return false; /* it ran meanwhile */
    if (!run_depends_on_time(sheet) || !subject_listens(&run->subject))
        return false;
    if (run_machine_is_late(run) || in_line > line_most)
        return true;
    return sheet->kind == SLOW && sheet->quickest < slow_share * run->options.patience;
}

void run_check(struct run *run, const struct check *c, struct sheet *sheet)
{
    struct exam *e = &run->exam;
    double before, in_line;
    long slept, sleeps;

    for (int tries = 0; tries < 2; tries++) {
        memset(sheet, 0, sizeof *sheet);
        e->sheet = sheet;
        control_mark();
        before = stood_in_line(run, &slept);
        exam_run(e, c);
        in_line = stood_in_line(run, &sleeps) - before;
        if (sleeps == slept)
            in_line = 0; /* it spins: beside any other program it stands in line */
        if (!is_late_too(run, sheet, in_line))
            return;
        if (guard_now() > run->deadline)
            break;
        run_restart(run, c->spare, sheet);
        if (run->ended)
            return;
    }
    sheet->verdict = NOT_JUDGED;
    sheet->cause = NULL;
}
