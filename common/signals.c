#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* A handler gets no argument of ours, so the things that it needs are global: the only mutable
 * globals of the project.  The one that other files read is atomic, so that any thread may
 * read it.  It is lock-free, so a handler may write it (C11 7.14.1.1). */
atomic_bool signals_arrived;
static volatile sig_atomic_t stop_asked, report_asked;
static int write_end = -1;

static void on_signal(int number)
{
    int saved = errno;

    if (number == SIGUSR1)
        report_asked = 1;
    else if (stop_asked)
        _exit(EXIT_FAILURE);
    else
        stop_asked = 1;
    signals_arrived = 1;
    if (write(write_end, "!", 1) < 0) {
        /* The pipe is full: then the loop has been woken already. */
    }
    errno = saved;
}

int signals_open(void)
{
    const int caught[] = { SIGINT, SIGTERM, SIGUSR1 };
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    int ends[2];

    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
        return -1;
    write_end = ends[1];
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaction(caught[i], &action, NULL);    /* fails only for what is no signal */
    sigprocmask(SIG_UNBLOCK, &action.sa_mask, NULL);
    return ends[0];
}

int signals_take(int fd)
{
    char bytes[64];
    ssize_t n;
    int taken = 0;

    /* In this order, signals_arrived is set whenever a byte is in the pipe, so the loop need
     * only ask signals_waiting.  A signal that comes between two of these lines is taken
     * now, or causes one wakeup in which there is nothing to take.  It is never lost. */
    signals_arrived = 0;
    do
        n = read(fd, bytes, sizeof bytes);
    while (n > 0);
    if (n < 0 && errno != EAGAIN)
        signals_arrived = 1;     /* bytes may be left, and would end the next wait */
    if (report_asked) {
        report_asked = 0;
        taken |= SIGNALS_REPORT;
    }
    if (stop_asked)
        taken |= SIGNALS_STOP;
    return taken;
}
