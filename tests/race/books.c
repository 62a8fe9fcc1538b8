/* books - the ledger of a running server.
 *
 * Every service has it by SIGUSR1 only: a table on stderr, written at once (report.h), so it
 * comes in one piece through a pipe that is empty before.  The signal itself is a wait and a
 * look at the slots; a lane finds out what one report costs by two in a row, and takes it off.
 */
#define _GNU_SOURCE
#include "lane.h"

#include "../lib/proc.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 8192, PATIENCE_MS = 1000 };

/* What has been written by now; "" if nothing. */
static void take_text(const struct lane *l, char text[TEXT_MAX])
{
    ssize_t n = read(l->errors, text, TEXT_MAX - 1);

    text[n > 0 ? n : 0] = '\0';
}

static bool figure(const char *text, const char *name, double *value)
{
    char line[40];
    const char *at;

    snprintf(line, sizeof line, "\n  %s ", name);
    at = strstr(text, line);
    return at != NULL && sscanf(at + strlen(line), "%lf", value) == 1;
}

static bool parse(struct lane *l, const char *text, struct books *b)
{
    if (!figure(text, "waits", &b->waits) || !figure(text, "ready", &b->ready)
        || !figure(text, "scanned", &b->scanned)
        || !figure(text, "kernel_bytes", &b->kernel_bytes))
        return false;
    if (l->mechanism[0] == '\0' && sscanf(text, "%*s (%15[a-z_])", l->mechanism) != 1)
        l->mechanism[0] = '\0';
    return true;
}

bool books_read(struct lane *l, struct books *b)
{
    struct pollfd p = { l->errors, POLLIN, 0 };
    char text[TEXT_MAX];
    double end = now() + PATIENCE_MS / 1e3;

    do
        take_text(l, text);
    while (text[0] != '\0');
    if (!l->tells || kill(l->process.owner, SIGUSR1) < 0)
        return false;
    while (now() < end) {
        poll(&p, 1, PATIENCE_MS);
        take_text(l, text);
        if (parse(l, text, b))
            return true;
        if (p.revents & POLLHUP)
            break;
    }
    l->tells = false;
    return false;
}

bool books_told(const struct lane *l)
{
    char text[4096];
    const char *line;
    unsigned long long caught = 0;

    if (proc_read(l->process.owner, "status", text, sizeof text) > 0
        && (line = strstr(text, "\nSigCgt:")) != NULL)
        sscanf(line, " SigCgt: %llx", &caught);
    return caught >> (SIGUSR1 - 1) & 1;
}

void books_complaint(struct lane *l, char *line, size_t size)
{
    char text[TEXT_MAX];

    take_text(l, text);
    text[strcspn(text, "\n")] = '\0';
    snprintf(line, size, "%s", text);
}
