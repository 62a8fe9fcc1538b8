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
#include "exam.h"
#include "options.h"
#include "report.h"

#include "../lib/brood.h"
#include "../lib/command.h"
#include "../lib/guard.h"
#include "../lib/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
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

/* A wait that ended in vain says nothing if the control server was so late meanwhile:
 * this share of the patience. */
static const double late_share = 0.25;

/* So many seconds in line for a processor, and it was not the server that was late. */
static const double line_most = 0.5;

/* A server is slow whose fastest reply takes this share of the patience. */
static const double slow_share = 0.05;

struct run {
    struct options options;
    struct subject subject;
    struct exam exam;
    struct result *result; /* shared with the checks' processes */
    double deadline;       /* no check is begun after it */
    const char *hung;      /* the cause of the last check that cost a patience, or NULL */
    bool ended;            /* no further check makes sense */
};

static void note(struct run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(struct run *run, const char *format, ...)
{
    struct result *r = run->result;
    va_list arguments;

    if (r->note_count == (int)(sizeof r->notes / sizeof *r->notes))
        return;
    va_start(arguments, format);
    vsnprintf(r->notes[r->note_count], sizeof *r->notes, format, arguments);
    va_end(arguments);
    for (int i = 0; i < r->note_count; i++)
        if (!strcmp(r->notes[i], r->notes[r->note_count]))
            return;
    r->note_count++;
}

/* Why it did not come up, as a sheet. */
static void describe_start(struct run *run, enum start found, struct sheet *sheet)
{
    struct subject *s = &run->subject;
    char end[200];

    sheet->verdict = FAILED;
    snprintf(sheet->did, sizeof sheet->did, "The server was started to listen at port %d",
             s->port);
    snprintf(sheet->expected, sizeof sheet->expected,
             "that it listens there within %d s", START_MOST);
    if (found == START_EXITED) {
        sheet->cause = diagnose_cause_of_end(&run->exam, sheet,
                                             subject_end(s, end, sizeof end));
        snprintf(sheet->seen, sizeof sheet->seen, "nothing listens");
        snprintf(sheet->kernel, sizeof sheet->kernel, "the server is %s", end);
        if (subject_was_not_run(s))
            sheet->cause = "cannot-run";
    } else if (found == START_ELSEWHERE) {
        sheet->cause = "binds-another-port";
        snprintf(sheet->seen, sizeof sheet->seen, "it listens at port %d", s->other_port);
        sheet->nuance = "fixed";
        if (s->other_port == ((s->port & 255) << 8 | s->port >> 8)) {
            sheet->nuance = NULL;
            snprintf(sheet->kernel, sizeof sheet->kernel,
                     "%d is %d with its two bytes exchanged", s->other_port, s->port);
        }
    } else {
        sheet->cause = "never-binds";
        snprintf(sheet->seen, sizeof sheet->seen, "its process lives, and nothing listens");
    }
    keeper_tail(&s->keeper, run->result->tail, sizeof run->result->tail);
    if (found == START_NEVER && control_slowest() >= late_share * run->exam.patience) {
        sheet->verdict = NOT_JUDGED; /* nobody gets much done here, now */
        sheet->cause = NULL;
    }
}

/* Starts the server; at the port of before, where there was one. */
static enum start start(struct run *run, int spare)
{
    struct subject *s = &run->subject;
    enum start found;

    control_mark();
    if (s->port > 0) {
        found = subject_start(s, s->port, spare);
        if (found == START_LISTENS)
            return found;
        subject_stop(s);
        note(run, "started again at the same port at once, it did not come up. With "
                  "setsockopt(SO_REUSEADDR) before bind it would.");
    }
    return subject_start(s, 0, spare);
}

static void restart(struct run *run, int spare, struct sheet *sheet)
{
    enum start found;

    subject_stop(&run->subject);
    run->exam.runs_since = 0;
    found = start(run, spare);
    if (found == START_LISTENS)
        return;
    describe_start(run, found, sheet);
    run->ended = true;
}

static bool depends_on_time(const struct sheet *s)
{
    return s->verdict == FAILED && (s->kind == SILENCE || s->kind == SLOW || s->kind == GROWS
                                    || s->kind == REFUSED || s->kind == EXTRA);
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
        return control_slowest() > late_share * run->options.patience;
    if (sheet->cause && !strcmp(sheet->cause, "spins-after-fin"))
        return false; /* it ran meanwhile */
    if (!depends_on_time(sheet) || !subject_listens(&run->subject))
        return false;
    if (control_slowest() > late_share * run->options.patience || in_line > line_most)
        return true;
    return sheet->kind == SLOW && sheet->quickest < slow_share * run->options.patience;
}

/* One check; where it failed for lateness and the control server was late too, it is
 * made once more, and then is not judged. */
static void run_check(struct run *run, const struct check *c, struct sheet *sheet)
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
        restart(run, c->spare, sheet);
        if (run->ended)
            return;
    }
    sheet->verdict = NOT_JUDGED;
    sheet->cause = NULL;
}

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
        note(run, "the check `%s` was not made: %s.", c->name, sheet->seen);
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
    if (s->verdict == FAILED && s->cause && !strcmp(s->cause, "closed-early"))
        run->exam.closing = s->cause;
    if (s->verdict == FAILED && s->cause && !strcmp(s->cause, "short-write"))
        run->exam.missing = s->cause;
    if (s->verdict == FAILED && !strcmp(c->name, "idle"))
        run->exam.spin = s->cause;
    if (s->cause && (!strcmp(s->cause, "killed") || !strcmp(s->cause, "exits")))
        run->exam.ends = s->ended_by;
}

/* Without one request and its reply nothing can be asked, and replies that were prepared
 * for this seed say nothing of the server. */
static bool is_hopeless(const struct check *c, const struct sheet *s)
{
    return (!strcmp(c->name, "one") && s->verdict != PASSED)
           || (s->verdict == FAILED && s->cause && !strcmp(s->cause, "prepared-replies"));
}

/* Too late for this check. A server that hung has used up the time itself, and the cause
 * of that is the cause here; else it was the machine. */
static void leave_out(struct run *run, struct sheet *sheet)
{
    sheet->cause = run->hung;
    if (!run->hung)
        sheet->verdict = NOT_JUDGED;
    note(run, "after %g s no further check is begun: what was left %s.",
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
            restart(run, checks[i].spare, sheet);
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
        hangs += depends_on_time(sheet);
        if (depends_on_time(sheet))
            run->hung = sheet->cause;
        if (is_hopeless(&checks[i], sheet))
            run->ended = true;
        learn(run, &checks[i], sheet);
    }
    if (!fresh && !run->ended && guard_now() < run->deadline)
        restart(run, 0, &r->sheets[stage][0]);
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
            restart(run, 0, sheet);
    }
    memset(sheet, 0, sizeof *sheet);
}

static void note_start(struct run *run)
{
    if (run->subject.background)
        note(run, "the command ended and left a process in the background; that one was "
                  "judged, and ended.");
    if (run->subject.wrapped)
        note(run, "the command is a script or a wrapper: its child, process %d, listens.",
             (int)run->subject.listener);
    if (run->subject.second_start)
        note(run, "at the first port it ended before it listened; at another it came up, and "
                  "was judged. Another program may have taken the first.");
}

static void run_all(struct run *run)
{
    enum start found = start(run, 0);
    int first = run->options.only ? run->options.only - 1 : 0;
    bool tty = isatty(STDERR_FILENO);

    if (found != START_LISTENS) {
        describe_start(run, found, &run->result->sheets[first][0]);
        run->ended = true;
    } else {
        note_start(run);
    }
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
