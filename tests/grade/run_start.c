#define _GNU_SOURCE
#include "run.h"

#include "control.h"
#include "diagnose.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void run_note(struct run *run, const char *format, ...)
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
    if (found == START_NEVER && run_machine_is_late(run)) {
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
        run_note(run, "started again at the same port at once, it did not come up. With "
                      "setsockopt(SO_REUSEADDR) before bind it would.");
    }
    return subject_start(s, 0, spare);
}

static void note_start(struct run *run)
{
    if (run->subject.background)
        run_note(run, "the command ended and left a process in the background; that one was "
                      "judged, and ended.");
    if (run->subject.wrapped)
        run_note(run, "the command is a script or a wrapper: its child, process %d, listens.",
                 (int)run->subject.listener);
    if (run->subject.second_start)
        run_note(run, "at the first port it ended before it listened; at another it came up, "
                      "and was judged. Another program may have taken the first.");
}

static bool is_up(struct run *run, int spare, struct sheet *sheet)
{
    enum start found = start(run, spare);

    if (found == START_LISTENS)
        return true;
    describe_start(run, found, sheet);
    run->ended = true;
    return false;
}

void run_start(struct run *run, struct sheet *sheet)
{
    if (is_up(run, 0, sheet))
        note_start(run);
}

void run_restart(struct run *run, int spare, struct sheet *sheet)
{
    subject_stop(&run->subject);
    run->exam.runs_since = 0;
    is_up(run, spare, sheet);
}
