/* grade - judges any server that takes a port, stage by stage, and says why.
 *
 *     $ build/grade 'build/poll_server {port}'
 *     1 answers      10/10
 *     ...
 *     100 of 100 (seed 4711). You are done. ...
 *
 * Exit: 0 full marks, 1 less, 2 bad usage, 3 something could not be judged. */
#define _GNU_SOURCE
#include "control.h"
#include "diagnose.h"
#include "run.h"

#include "../lib/brood.h"
#include "../lib/command.h"
#include "../lib/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* After so many times the patience no further check is begun: with the longest check that
 * is still under way then, a run ends within 60 s. */
enum { WHOLE = 22 };

/* So many hangs in one stage, and the rest of it is not tried: a hang costs a patience. */
enum { HANGS_MOST = 3 };

/* A server that waits for all its clients shows it when it has nothing to do. */
static void note_wait(struct run *run, const struct tree *tree)
{
    static struct task tasks[TASKS_MOST];
    int count = run->exam.waits_in ? 0 : witness_tasks(tree, tasks);

    for (int i = 0; i < count; i++)
        if (tasks[i].call >= 0 && witness_kind(tasks[i].call) == CALL_WAIT)
            run->exam.waits_in = witness_call(tasks[i].call);
}

/* After a check that all went well with, the server may still end of what its clients
 * left behind. */
static void look_after(struct run *run, const struct check *c, struct sheet *sheet)
{
    double end = guard_now() + 0.05;
    struct tree tree;
    char how[200];
    bool listens;

    if (sheet->verdict == PASSED)
        do {
            guard_sleep_until(guard_now() + 0.001);
            subject_tree(&run->subject, &tree);
        } while (!tree_sleeps(&tree) && guard_now() < end);
    listens = subject_listens(&run->subject);
    if (sheet->verdict == PASSED)
        note_wait(run, &tree);
    if (sheet->verdict == PASSED && !listens) {
        sheet->verdict = FAILED;
        snprintf(sheet->seen, sizeof sheet->seen, "just that; then the clients left, and "
                                                "the server ended");
    }
    if (sheet->verdict == FAILED && !listens) {
        int sig = subject_end(&run->subject, how, sizeof how);

        if (!sheet->kernel[0]) {
            sheet->cause = diagnose_cause_of_end(&run->exam, sheet, sig);
            snprintf(sheet->kernel, sizeof sheet->kernel, "the server is %s", how);
        }
        keeper_tail(&run->subject.keeper, run->result->tail, sizeof run->result->tail);
    }
    if (sheet->verdict == NOT_POSSIBLE)
        run_note(run, "the check `%s` was not made: %s.", c->name, sheet->seen);
}

static bool is_called(const struct sheet *s, const char *cause)
{
    return s->cause && !strcmp(s->cause, cause);
}

/* Where a request is not found in the stream, all that joins requests fails for it; and so
 * on for a half-close, a spin, an end, and for one that closes clients who still want
 * something. */
static void learn(struct run *run, const struct check *c, const struct sheet *s)
{
    if (!run->exam.framing && s->verdict == FAILED
        && (!strcmp(c->name, "pieces") || !strcmp(c->name, "many")
            || !strcmp(c->name, "all-hear")))
        run->exam.framing = s->cause;
    if (s->verdict == FAILED && !strcmp(c->name, "half-close"))
        run->exam.fin = s->cause;
    if (s->verdict == FAILED && is_called(s, "closed-early"))
        run->exam.closing = s->cause;
    if (s->verdict == FAILED && is_called(s, "short-write"))
        run->exam.missing = s->cause;
    if (s->verdict == FAILED && !strcmp(c->name, "idle"))
        run->exam.spin = s->cause;
    if (is_called(s, "killed") || is_called(s, "exits"))
        run->exam.ends = s->ended_by;
}

/* Without one request and its reply nothing can be asked, and replies that were prepared
 * for this seed say nothing of the server. */
static bool is_hopeless(const struct check *c, const struct sheet *s)
{
    return (!strcmp(c->name, "one") && s->verdict != PASSED)
           || (s->verdict == FAILED && is_called(s, "prepared-replies"));
}

/* Too late for this check. A server that hung has used up the time itself, and the cause
 * of that is the cause here; else it was the machine. */
static void leave_out(struct run *run, struct sheet *sheet)
{
    sheet->cause = run->hung;
    if (!run->hung)
        sheet->verdict = NOT_JUDGED;
    run_note(run, "after %g s no further check is begun: what was left %s.",
             WHOLE * run->options.patience,
             run->hung ? "counts as failed for the cause that took the time"
                       : "is not judged. The machine is busy, or the server slow to start");
}

/* What a stage has left behind may keep the server running, though no check is wrong. */
static bool runs_on(struct run *run)
{
    struct tree tree;

    for (int looks = 0; looks < 20; looks++) {
        subject_tree(&run->subject, &tree);
        if (tree_sleeps(&tree))
            return false;
        guard_sleep_until(guard_now() + 0.005);
    }
    return true;
}

static void run_stage(struct run *run, int stage)
{
    const struct check *checks = stage_checks(&stages[stage], run->options.service);
    struct result *r = run->result;
    int hangs = 0;
    bool fresh = true;

    for (int i = 0; checks[i].name; i++) {
        struct sheet *sheet = &r->sheets[stage][i];

        r->counts[stage] = i + 1;
        if (hangs == HANGS_MOST)
            sheet->cause = r->sheets[stage][i - 1].cause;
        if (run->ended || hangs == HANGS_MOST)
            continue;
        if ((!fresh || checks[i].spare) && guard_now() < run->deadline)
            run_restart(run, checks[i].spare, sheet);
        if (run->ended)
            continue;
        if (guard_now() > run->deadline) {
            leave_out(run, sheet);
            continue;
        }
        run_check(run, &checks[i], sheet);
        if (run->ended)
            continue;
        look_after(run, &checks[i], sheet);
        fresh = sheet->verdict == PASSED || sheet->verdict == NOT_POSSIBLE;
        hangs += run_depends_on_time(sheet);
        if (run_depends_on_time(sheet))
            run->hung = sheet->cause;
        if (is_hopeless(&checks[i], sheet))
            run->ended = true;
        learn(run, &checks[i], sheet);
    }
    if (!fresh && !run->ended && guard_now() < run->deadline)
        run_restart(run, 0, &r->sheets[stage][0]);
    else if (fresh && !run->exam.runs_since && runs_on(run))
        run->exam.runs_since = stage + 1;
}

/* What later stages want to know, where only one is asked: does it answer at all, and
 * requests that are cut or joined? */
static void run_preliminaries(struct run *run)
{
    static const char *const stay[SERVICES] = { "sums", "lines", "all-hear" };
    const struct {
        int stage;
        const char *name;
    } wanted[] = { { 0, "one" }, { 0, "again" }, { 0, stay[run->options.service] },
                   { 1, "pieces" }, { 1, "many" } };
    int only = run->options.only - 1;
    struct sheet *sheet = &run->result->sheets[only][0];

    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        const struct check *c = stage_checks(&stages[wanted[w].stage], run->options.service);

        while (strcmp(c->name, wanted[w].name) != 0)
            c++;
        run_check(run, c, sheet);
        if (run->ended)
            return;
        look_after(run, c, sheet);
        learn(run, c, sheet);
        if (is_hopeless(c, sheet)) {
            run->result->counts[only] = 1;
            run->ended = true;
            return;
        }
        if (sheet->verdict == FAILED)
            run_restart(run, 0, sheet);
    }
    memset(sheet, 0, sizeof *sheet);
}

static void run_all(struct run *run)
{
    int first = run->options.only ? run->options.only - 1 : 0;
    bool tty = isatty(STDERR_FILENO);

    run_start(run, &run->result->sheets[first][0]);
    if (run->options.only > 2 && !run->ended)
        run_preliminaries(run);
    for (int stage = 0; stage < STAGES; stage++) {
        if (run->options.only && run->options.only != stage + 1)
            continue;
        if (tty)
            fprintf(stderr, "\rstage %d of %d ... ", stage + 1, STAGES);
        if (run->ended && run->result->counts[stage] == 0 && stage != first)
            continue;
        run_stage(run, stage);
    }
    if (tty)
        fprintf(stderr, "\r                   \r");
}

static void raise_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char *argv[])
{
    static struct run run;
    char patience[20];
    struct options *o = &run.options;
    int status;

    command_begin();
    options_parse(o, argc, argv);
    brood_adopt();
    brood_tidy(SIGTERM, options_undo); /* a keeper takes it to its server */
    snprintf(patience, sizeof patience, "%g", o->patience);
    setenv("TEST_GUARD", patience, 1); /* for client_try */
    run.result = mmap(NULL, sizeof *run.result, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run.result == MAP_FAILED) {
        perror("grade: mmap");
        return 1;
    }
    raise_limit();
    if (!control_start())
        return 2;
    run.deadline = guard_now() + WHOLE * o->patience;
    run.subject.command = o->command;
    run.exam = (struct exam){ .subject = &run.subject, .service = o->service,
                              .echo = o->service != CALC, .seed = o->seed,
                              .patience = o->patience };
    run_all(&run);
    subject_stop(&run.subject);
    control_stop();
    if (o->json)
        report_json(o->json_file, o, run.result);
    if (o->brief)
        report_brief(stdout, o, run.result);
    else if (o->json_file != stdout)
        report_text(stdout, o, run.result);
    status = report_status(o, run.result);
    if (o->json && o->json_file != stdout && (fflush(o->json_file) || ferror(o->json_file))) {
        fprintf(stderr, "grade: --json %s cannot be written: %s\n", o->json, strerror(errno));
        status = 1;
    }
    return command_end(status);
}
