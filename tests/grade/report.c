#define _GNU_SOURCE
#include "report.h"

#include "causes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 78, SHOWN_MOST = 3 };

/* Paragraphs of at most WIDTH columns, two spaces in. */
static void print_wrapped(FILE *out, const char *text)
{
    int column = 0, gap = 0;

    while (*text) {
        int word = (int)strcspn(text, " ");

        if (column > 0 && column + gap + word > WIDTH - 2) {
            fputc('\n', out);
            column = 0;
        }
        /* A gap may be part of a request that is shown: it keeps its width. */
        fprintf(out, "%*s%.*s", column > 0 ? gap : 2, "", word, text);
        column += word + (column > 0 ? gap : 0);
        text += word;
        gap = (int)strspn(text, " ");
        text += gap;
    }
    if (column)
        fputc('\n', out);
}

static void say(FILE *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(FILE *out, const char *format, ...)
{
    char text[3000];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_wrapped(out, text);
}

struct outcome report_stage(const struct options *o, const struct result *r, int stage)
{
    struct outcome s = { .verdict = PASSED, .of = o->points[stage] };
    const struct check *checks = stage_checks(&stages[stage], o->service);
    int earned = 0, tried = 0;

    for (int i = 0; i < r->counts[stage]; i++) {
        const struct sheet *sheet = &r->sheets[stage][i];
        bool known = false;

        tried += sheet->verdict != UNTRIED || sheet->cause;
        if (sheet->verdict == PASSED || sheet->verdict == NOT_POSSIBLE)
            earned += checks[i].points;
        else if (sheet->verdict == NOT_JUDGED)
            s.verdict = NOT_JUDGED;
        else if (s.verdict == PASSED)
            s.verdict = FAILED;
        for (int c = 0; c < s.cause_count; c++)
            known = known || s.causes[c] == sheet->cause;
        if (sheet->cause && !known)
            s.causes[s.cause_count++] = sheet->cause;
    }
    if (tried == 0)
        s.verdict = UNTRIED;
    if (s.verdict != NOT_JUDGED)
        s.points = earned * s.of / stages[stage].points;
    return s;
}

static bool is_asked(const struct options *o, int stage)
{
    return !o->only || o->only == stage + 1;
}

/* How many further checks failed for the cause of this one. */
static int count_more(const struct result *r, const struct sheet *first)
{
    int more = -1;

    for (int stage = 0; stage < STAGES; stage++)
        for (int i = 0; i < r->counts[stage]; i++) {
            const struct sheet *sheet = &r->sheets[stage][i];

            if (sheet->cause && sheet->cause == first->cause)
                more += 1 + (sheet->verdict == FAILED ? sheet->skipped : 0);
        }
    return more;
}

static void print_diagnosis(FILE *out, enum service service, const struct result *r,
                            const struct sheet *sheet)
{
    const struct cause *cause = cause_find(sheet->cause, sheet->nuance, service);
    int more = count_more(r, sheet);

    say(out, "%s.", sheet->did);
    if (sheet->expected[0])
        say(out, "Expected %s. Seen: %s.", sheet->expected, sheet->seen);
    else
        say(out, "Seen: %s.", sheet->seen);
    if (sheet->wrong_too > 0)
        say(out, sheet->wrong_too == 1 ? "%d more sum is wrong." : "%d more sums are wrong.",
            sheet->wrong_too);
    if (sheet->kernel[0])
        say(out, "Kernel: %s.", sheet->kernel);
    say(out, "%s %s", cause->lesson, cause->next);
    if (more > 0)
        say(out, more == 1 ? "%d more check fails for this cause; it is not listed."
                           : "%d more checks fail for this cause; they are not listed.", more);
}

static void print_tail(FILE *out, const char *tail)
{
    const char *at = tail + strlen(tail);

    while (at > tail && at[-1] == '\n')
        at--;
    if (at == tail)
        return;
    for (int lines = 0; at > tail; at--)
        if (at[-1] == '\n' && ++lines == 5)
            break;
    fputs("  It printed last:\n", out);
    for (size_t len; *at; at += len + (at[len] == '\n')) {
        len = strcspn(at, "\n");
        if (len > 0)
            fprintf(out, "    %.*s\n", (int)(len < WIDTH ? len : WIDTH), at);
        if (at[len] == '\0')
            break;
    }
}

static void print_stage(FILE *out, const struct options *o, const struct result *r,
                        int stage, const char *shown[], int *shown_count)
{
    struct outcome s = report_stage(o, r, stage);
    char points[20];

    snprintf(points, sizeof points, "%d/%d", s.points, s.of);
    if (s.verdict == NOT_JUDGED) {
        fprintf(out, "%d %-13s NOT JUDGED: the control server was late too. Run it again "
                     "when the\n  machine is quieter.\n", stage + 1, stages[stage].name);
        return;
    }
    fprintf(out, "%d %-13s%6s", stage + 1, stages[stage].name, points);
    if (s.verdict == UNTRIED)
        fprintf(out, "   not tried");
    for (int i = 0; i < s.cause_count; i++)
        fprintf(out, "%s%s", i ? ", " : s.cause_count > 1 ? "   causes: " : "   cause: ",
                s.causes[i]);
    fputc('\n', out);
    for (int i = 0; i < r->counts[stage]; i++) {
        const struct sheet *sheet = &r->sheets[stage][i];
        bool known = false;

        if (sheet->verdict != FAILED)
            continue;
        for (int c = 0; c < *shown_count; c++)
            known = known || shown[c] == sheet->cause;
        if (known || *shown_count == SHOWN_MOST)
            continue;
        shown[(*shown_count)++] = sheet->cause;
        print_diagnosis(out, o->service, r, sheet);
        if (strstr(sheet->kernel, "is gone"))
            print_tail(out, r->tail);
    }
}

/* "80 of 100 (seed 4711). Next: stage 5." */
static void print_sum(FILE *out, const struct options *o, const struct result *r)
{
    int points = 0, of = 0, next = 0, unjudged = 0;

    for (int stage = 0; stage < STAGES; stage++) {
        struct outcome s = report_stage(o, r, stage);

        if (!is_asked(o, stage))
            continue;
        if (s.verdict == NOT_JUDGED) {
            unjudged = unjudged ? unjudged : stage + 1;
            continue;
        }
        points += s.points;
        of += s.of;
        if (s.verdict != PASSED && !next)
            next = stage + 1;
    }
    fprintf(out, "%d of %d (seed %llu).", points, of, (unsigned long long)o->seed);
    if (next)
        fprintf(out, " Next: stage %d.\n", next);
    else if (unjudged)
        fprintf(out, " Stage %d was not judged.\n", unjudged);
    else if (o->only)
        fprintf(out, " Next: the other stages.\n");
    else if (o->service == CHAT)
        fprintf(out, " Next: the questions of docs/labs/08-chat.md.\n");
    else
        fprintf(out, " You are done. Not judged here: the farewell,\nthe clocks, the "
                     "options, the signals. Further, if you want: tests/README.md\n");
}

void report_text(FILE *out, const struct options *o, const struct result *r)
{
    const char *shown[SHOWN_MOST];
    int shown_count = 0;

    for (int stage = 0; stage < STAGES; stage++)
        if (is_asked(o, stage))
            print_stage(out, o, r, stage, shown, &shown_count);
    for (int i = 0; i < r->note_count; i++)
        say(out, "Note: %s", r->notes[i]);
    print_sum(out, o, r);
}

void report_brief(FILE *out, const struct options *o, const struct result *r)
{
    for (int stage = 0; stage < STAGES; stage++) {
        struct outcome s = report_stage(o, r, stage);

        if (!is_asked(o, stage))
            continue;
        fprintf(out, "%d\t%s\t", stage + 1, stages[stage].name);
        if (s.verdict == NOT_JUDGED)
            fputs("-", out);
        else
            fprintf(out, "%d", s.points);
        fprintf(out, "\t%d\t", s.of);
        for (int i = 0; i < s.cause_count && s.verdict == FAILED; i++)
            fprintf(out, "%s%s", i ? "," : "", s.causes[i]);
        fputs(s.verdict == NOT_JUDGED ? "not judged\n"
              : s.verdict == UNTRIED  ? "not tried\n"
              : s.cause_count == 0    ? "-\n"
                                      : "\n", out);
    }
}

int report_status(const struct options *o, const struct result *r)
{
    int status = 0;

    for (int stage = 0; stage < STAGES; stage++) {
        struct outcome s = report_stage(o, r, stage);

        if (!is_asked(o, stage))
            continue;
        if (s.verdict == NOT_JUDGED)
            return 3;
        if (s.verdict != PASSED)
            status = 1;
    }
    return status;
}
