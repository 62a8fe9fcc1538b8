/*
 * progress: how far a run is and how long it will still take, on stderr: one line that
 * is rewritten on a terminal, else a line now and then.
 */
#ifndef COMPARE_PROGRESS_H
#define COMPARE_PROGRESS_H

struct progress {
    double begun, planned, done, said;
    int terminal, quiet;
};

/* `planned`: what all steps together are thought to take, in any unit. */
void progress_begin(struct progress *p, double planned, int quiet);
void progress_say(struct progress *p, const char *what);
void progress_add(struct progress *p, double step);
void progress_end(struct progress *p);

#endif
