#define _GNU_SOURCE
#include "fact.h"

#include "../lib/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECONDS = 30 };      /* a fact takes milliseconds; this is for one that hangs */

/* One fact, one process. */
static int turned_sight, sights_so_far;

/* A line for fact_run: P or H, 1 or 0, the text. */
static void tell(char kind, bool holds, const char *format, va_list arguments)
{
    char text[SIGHT_TEXT];

    vsnprintf(text, sizeof text, format, arguments);
    if (++sights_so_far == turned_sight)
        holds = !holds;
    if (kind == 'P' && !holds)
        check_fail("promised otherwise; seen: %s", text);
    printf("%c%d%s\n", kind, holds, text);
    fflush(stdout);
}

void promised(bool holds, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell('P', holds, format, arguments);
    va_end(arguments);
}

void here(bool holds, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    tell('H', holds, format, arguments);
    va_end(arguments);
}

int must(int result, const char *call)
{
    check(result >= 0, "%s: %s", call, strerror(errno));
    return result;
}

static void run_body(void *argument)
{
    const struct fact *fact = argument;

    fact->run();
    check(sights_so_far > 0, "it says nothing of what it saw");
}

static void note_line(struct outcome *o, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if ((*line == 'P' || *line == 'H') && (line[1] == '0' || line[1] == '1')) {
        struct sight *s = &o->sights[o->count < SIGHTS ? o->count++ : SIGHTS - 1];

        s->promised = *line == 'P';
        s->holds = line[1] == '1';
        snprintf(s->text, sizeof s->text, "%.*s", SIGHT_TEXT - 1, line + 2);
        if (!s->holds && o->status == AS_SAID)
            o->status = OTHERWISE_HERE;
    } else if (strncmp(line, "ok ", 3) != 0) {
        const char *reason = strstr(line, ": ");

        o->status = strncmp(line, "skip ", 5) == 0 ? SKIPPED : WRONG;
        snprintf(o->reason, sizeof o->reason, "%.*s", (int)sizeof o->reason - 1,
                 reason ? reason + 2 : line);
    }
}

/* check_start's process writes to stdout; for its time stdout is a pipe to here. */
void fact_run(const struct fact *fact, int turned, struct outcome *outcome)
{
    int ends[2], screen;
    char line[4096];
    FILE *lines;

    memset(outcome, 0, sizeof *outcome);
    fflush(stdout);
    if (pipe(ends) < 0 || (screen = dup(STDOUT_FILENO)) < 0
        || dup2(ends[1], STDOUT_FILENO) < 0 || !(lines = fdopen(ends[0], "r"))) {
        perror("facts: pipe");
        exit(1);
    }
    close(ends[1]);
    turned_sight = turned;
    check_start(fact->name, SECONDS, run_body, (void *)(size_t)fact);
    dup2(screen, STDOUT_FILENO);
    close(screen);
    while (fgets(line, sizeof line, lines))
        note_line(outcome, line);
    fclose(lines);
    if (check_reap() == CHECK_FAIL && outcome->status != WRONG) {
        outcome->status = WRONG;
        snprintf(outcome->reason, sizeof outcome->reason, "it ended without a reason");
    }
}
