/* script - a lecture's steps.
 *
 *     # a comment
 *     0    idle 0             at the start
 *     5    ask What changes with a thousand silent clients?
 *     5    idle +1000         when five seconds are measured
 *     15   quit
 */
#include "script.h"

#include "screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct word {
    const char *word;
    enum action action;
    int least;                  /* of its number; -1: it has none, but a text; -2: neither */
} words[] = {
    { "idle", DO_IDLE, 0 }, { "active", DO_ACTIVE, 1 }, { "depth", DO_DEPTH, 1 },
    { "service", DO_SERVICE, -1 }, { "say", DO_SAY, -1 }, { "ask", DO_ASK, -1 },
    { "quit", DO_QUIT, -2 },
};

bool service_known(const char *name)
{
    return strcmp(name, "calc") == 0 || strcmp(name, "echo") == 0 || strcmp(name, "http") == 0;
}

/* Returns what is wrong with the line, or NULL. */
static const char *parse(struct step *s, const char *line)
{
    char word[16] = "", *end;
    const struct word *w = words, *last = words + sizeof words / sizeof *words;
    int at = 0;

    if (sscanf(line, "%d %15s %n", &s->second, word, &at) < 2 || at == 0 || s->second < 0)
        return "write a second and what is done then, as in: 5 idle +1000";
    line += at;
    while (w < last && strcmp(w->word, word) != 0)
        w++;
    if (w == last)
        return "say one of: idle active depth service say ask quit";
    s->action = w->action;
    snprintf(s->text, sizeof s->text, "%s", line);
    if (w->least == -2)
        return *line == '\0' ? NULL : "nothing follows quit";
    if (w->least == -1)
        return *line == '\0' ? "the words are missing"
             : w->action == DO_SERVICE && !service_known(line) ? "say calc, echo or http" : NULL;
    s->how = *line == '+' || *line == '-' ? ADD : SET;
    errno = 0;
    s->number = (int)strtol(line, &end, 10);
    return end == line || *end != '\0' || errno != 0 || s->number > 1000000
           || s->number < -1000000 || (s->how == SET && s->number < w->least)
           ? "say a number, or a difference as +100" : NULL;
}

static _Noreturn void refuse(const char *file, int number, const char *what)
{
    if (number > 0)
        fprintf(stderr, "race: --script %s, line %d: %s\n", file, number, what);
    else
        fprintf(stderr, "race: --script %s: %s\n", file, what);
    exit(2);
}

void script_read(struct script *s, const char *file)
{
    FILE *from = fopen(file, "r");
    char line[STEP_TEXT];
    const char *wrong;

    if (from == NULL)
        refuse(file, 0, strerror(errno));
    for (int number = 1; fgets(line, sizeof line, from) != NULL; number++) {
        size_t n = strcspn(line, "\r\n"), first = strspn(line, " \t");

        if (line[n] == '\0' && n + 1 == sizeof line)
            refuse(file, number, "a line has at most 158 characters");
        while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
            n--;
        line[n] = '\0';
        if (first >= n || line[first] == '#')
            continue;
        if (s->count == STEPS_MAX)
            refuse(file, number, "there are more than 200 steps");
        wrong = parse(&s->steps[s->count], line);
        if (wrong == NULL && s->count > 0
            && s->steps[s->count].second < s->steps[s->count - 1].second)
            wrong = "it is earlier than the line before";
        if (wrong != NULL)
            refuse(file, number, wrong);
        s->count++;
    }
    if (ferror(from))
        refuse(file, 0, strerror(errno));
    fclose(from);
    if (s->count == 0)
        refuse(file, 0, "there is no step in it");
}

const struct step *script_due(struct script *s, int second)
{
    return s->next < s->count && s->steps[s->next].second <= second ? &s->steps[s->next++] : NULL;
}

struct step step_of_key(int key)
{
    static const struct { int key; enum action action; enum how how; int number; } keys[] = {
        { '+', DO_IDLE, ADD, 100 },     { KEY_RIGHT, DO_IDLE, ADD, 100 },
        { '-', DO_IDLE, ADD, -100 },    { KEY_LEFT, DO_IDLE, ADD, -100 },
        { '>', DO_IDLE, ADD, 1000 },    { KEY_UP, DO_IDLE, ADD, 1000 },
        { '<', DO_IDLE, ADD, -1000 },   { KEY_DOWN, DO_IDLE, ADD, -1000 },
        { 'a', DO_ACTIVE, MOVE, 1 },    { 'A', DO_ACTIVE, MOVE, -1 },
        { 'd', DO_DEPTH, MOVE, 1 },     { 'D', DO_DEPTH, MOVE, -1 },
        { 's', DO_SERVICE, SET, 0 },    { '\t', DO_PAGE, SET, 0 },
        { ' ', DO_PAUSE, SET, 0 },      { 'p', DO_PAUSE, SET, 0 },
        { 'q', DO_QUIT, SET, 0 },
    };
    struct step s = { .action = DO_NOTHING };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].key == key) {
            s.action = keys[i].action;
            s.how = keys[i].how;
            s.number = keys[i].number;
        }
    return s;
}

/* The next of 1, 2, 5, 10 ... above n, or below. */
static int further(int n, bool up)
{
    static const int parts[] = { 1, 2, 5 };
    int found = 1;

    for (int ten = 1; ten <= 1000000; ten *= 10)
        for (int i = 0; i < 3; i++) {
            if (up && ten * parts[i] > n)
                return ten * parts[i];
            if (!up && ten * parts[i] < n)
                found = ten * parts[i];
        }
    return found;
}

int step_number(const struct step *s, int now)
{
    switch (s->how) {
    case SET: return s->number;
    case ADD: return now + s->number;
    case MOVE: break;
    }
    return further(now, s->number > 0);
}
