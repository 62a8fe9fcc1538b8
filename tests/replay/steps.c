#include "steps.h"

#include "../lib/check.h"

#include <stdio.h>
#include <string.h>

/* The part of a turn that a moment belongs to, and its place there. */
static int part_of(const struct moment *m)
{
    return m->kind == THE_KERNEL_IS_TOLD ? A_HANDLER_ACTS : (int)m->kind;
}

/* Is this where the lane goes on? */
static bool belongs(const struct lane *l, int next, int act, int wakeup, int part)
{
    const struct moment *m = &l->moments[next];

    return next < l->count && m->act == act && m->wakeup == wakeup && part_of(m) == part;
}

/* One step: each lane that has a moment of this part goes on, the others stay. */
static bool add_step(const struct lane lanes[LANES], struct step *s, int next[LANES], int act,
                     int wakeup, int part)
{
    int acting = 0;
    bool told = false;

    *s = (struct step){ .kind = (enum moment_kind)part };
    for (int k = 0; k < LANES; k++) {
        s->acts[k] = belongs(&lanes[k], next[k], act, wakeup, part);
        if (s->acts[k]) {
            next[k]++;
            acting++;
        }
        s->moment[k] = next[k] - 1;
        told |= s->acts[k] && lanes[k].moments[s->moment[k]].kind == THE_KERNEL_IS_TOLD;
    }
    s->telling = part == THE_KERNEL_NOTES || part == THE_WAIT_RETURNS || told;
    return acting > 0;
}

int steps_of(const struct lane lanes[LANES], struct step steps[STEPS])
{
    static const int once[] = { A_CLIENT_ACTS, THE_KERNEL_NOTES };
    int next[LANES], n = 0, acts = 0;

    for (int k = 0; k < LANES; k++) {
        next[k] = 1;            /* before the first act each lane waits */
        acts = lanes[k].act + 1;
    }
    for (int act = 0; act < acts; act++) {
        for (int i = 0; i < 2; i++)
            n += add_step(lanes, &steps[n], next, act, -1, once[i]);
        for (int wakeup = 0, before = -1; before != n; wakeup++) {
            before = n;
            n += add_step(lanes, &steps[n], next, act, wakeup, THE_WAIT_RETURNS);
            while (add_step(lanes, &steps[n], next, act, wakeup, A_HANDLER_ACTS))
                check(++n < STEPS - 4, "more than %d steps", STEPS);
            n += add_step(lanes, &steps[n], next, act, wakeup, IT_WAITS);
            check(n < STEPS - 4, "more than %d steps", STEPS);
        }
    }
    for (int k = 0; k < LANES; k++)
        check(next[k] == lanes[k].count, "%s has %d moments, and %d are in the steps",
              lane_names[k], lanes[k].count, next[k]);
    return n;
}

/* "select and poll" */
static void names(const struct step *s, bool acting, char to[100])
{
    int count = 0, told = 0;

    to[0] = '\0';
    for (int k = 0; k < LANES; k++)
        count += s->acts[k] == acting;
    for (int k = 0; k < LANES; k++)
        if (s->acts[k] == acting) {
            strcat(to, told == 0 ? "" : told == count - 1 ? " and " : ", ");
            strcat(to, lane_names[k]);
            told++;
        }
}

/* What the program does, if it is the same in all the lanes where it acts. */
static const char *verb_of(const struct step *s, const struct lane lanes[LANES])
{
    static const char *const verbs[][2] = {
        { "accept4(", "accepts" }, { "recv(", "receives" }, { "send(", "sends" },
        { "epoll_ctl(", "tells the kernel" }, { "close(", "closes" },
        { "shutdown(", "sends its FIN" }
    };
    const char *verb = NULL;

    for (int k = 0; k < LANES; k++)
        for (size_t i = 0; i < sizeof verbs / sizeof verbs[0] && s->acts[k]; i++)
            if (strncmp(lanes[k].moments[s->moment[k]].call, verbs[i][0], strlen(verbs[i][0])) == 0) {
                if (verb != NULL && verb != verbs[i][1])
                    return "acts";
                verb = verbs[i][1];
            }
    return verb != NULL ? verb : "acts";
}

void step_headline(const struct step *s, const struct lane lanes[LANES], char to[SAID])
{
    char what[100];
    char acting[100], others[100];

    snprintf(what, sizeof what, s->kind == THE_WAIT_RETURNS ? "the wait returns"
             : s->kind == IT_WAITS ? "the program waits" : "the program %s", verb_of(s, lanes));
    names(s, true, acting);
    names(s, false, others);
    if (s->kind == A_CLIENT_ACTS)
        snprintf(to, SAID, "%s", lanes[0].moments[s->moment[0]].sentence);
    else if (s->kind == THE_KERNEL_NOTES)
        snprintf(to, SAID, "The kernel notes: %.*s", SAID - 30,
                 lanes[0].moments[s->moment[0] - 1].sentence);
    else if (others[0] == '\0')
        snprintf(to, SAID, "%c%s, in all four.", what[0] - 'a' + 'A', what + 1);
    else
        snprintf(to, SAID, "In %s, %s. Nothing happens in %s.", acting, what, others);
}
