#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "process.h"

void progress_begin(struct progress *p, double planned, int quiet)
{
    p->begun = now();
    p->planned = planned;
    p->done = 0;
    p->said = p->begun - 3600;
    p->terminal = isatty(2);
    p->quiet = quiet;
}

void progress_say(struct progress *p, const char *what)
{
    double t = now(), gone = t - p->begun, left = p->planned;

    if (p->quiet || t - p->said < (p->terminal ? 0.1 : 10))
        return;
    if (p->done > 0)        /* what is planned is a guess; how fast it goes is not */
        left = gone * (p->planned - p->done) / p->done;
    p->said = t;
    fprintf(stderr, "%s%3.0f %%  about %.0f s left  %s%s", p->terminal ? "\r" : "",
            100 * p->done / p->planned, left, what, p->terminal ? "\033[K" : "\n");
}

void progress_add(struct progress *p, double step)
{
    p->done += step;
}

void progress_end(struct progress *p)
{
    if (p->terminal && !p->quiet)
        fputs("\r\033[K", stderr);
}
