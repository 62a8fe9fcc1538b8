/* picture - the screen of a race at one second of it, drawn from its rows, as text: what a page
 * shows of it.
 *
 *     build/race --rows --script FILE >rows 2>&1
 *     build/tests/race_picture 40 80 35 <rows
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "panel.h"

static struct standing servers[SERVERS_MAX];
static struct view view = { .load = { "", 0, 0, 0 }, .servers = servers, .words = "" };

static struct standing *server_of(const char *name)
{
    for (int i = 0; i < view.count; i++)
        if (strcmp(servers[i].name, name) == 0)
            return &servers[i];
    if (view.count == SERVERS_MAX)
        exit(2);
    for (int k = 0; k < MINUTE; k++)
        for (int f = 0; f < FIGURES; f++)
            servers[view.count].past[k][f] = NAN;
    servers[view.count].name = strdup(name);
    return &servers[view.count++];
}

/* A row of rows.c. */
static bool take_row(const char *line)
{
    static char service[8];
    char name[NAME_MAX_LENGTH + 1];
    int at = 0;
    struct standing *s;

    if (sscanf(line, "%d %10s %7s %d %d %d%n", &view.seconds, name, service, &view.load.active,
               &view.load.idle, &view.load.depth, &at) != 6)
        return false;
    view.load.service = service;
    s = server_of(name);
    line += at;
    if (sscanf(line, "%d%n", &s->clients, &at) != 1)
        return false;
    s->full = s->clients < view.load.active + view.load.idle;
    memmove(s->past, s->past + 1, sizeof s->past - sizeof s->past[0]);
    for (int f = 0; f < FIGURES; f++) {
        char *end;

        line += at;
        line += strspn(line, " ");
        s->past[MINUTE - 1][f] = strtod(line, &end);
        if (end == line) {
            s->past[MINUTE - 1][f] = NAN;
            end += strspn(end, "-");
        }
        at = (int)(end - line);
    }
    return true;
}

int main(int argc, char **argv)
{
    static char words[512];
    struct canvas canvas = { .ascii = false };
    char line[512];
    int rows = 0, last = argc == 4 ? atoi(argv[3]) : 0;

    while (fgets(line, sizeof line, stdin) != NULL && atoi(line) <= last) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "race: ", 6) == 0)
            strcpy(words, line + 6);
        else
            rows += take_row(line);
    }
    if (rows == 0 || !canvas_make(&canvas, atoi(argv[1]), atoi(argv[2]))) {
        fputs("usage: race_picture ROWS COLUMNS SECOND < the rows of a race\n", stderr);
        return 2;
    }
    view.words = words;
    panel_draw(&canvas, &view);
    canvas_print(&canvas, stdout);
    return 0;
}
