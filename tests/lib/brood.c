#define _GNU_SOURCE
#include "brood.h"

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int tidy_signal;
static void (*tidy_also)(void);
static pid_t tidy_owner;

void brood_adopt(void)
{
    signal(SIGCHLD, SIG_DFL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Numbers with a space behind each: proc_pid_task_children(5). */
int brood_children(pid_t children[BROOD_MOST])
{
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC), count = 0;
    char text[4096];
    ssize_t got;
    pid_t pid = 0;

    while (fd >= 0 && (got = read(fd, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < got; i++)
            if (text[i] != ' ') {
                pid = pid * 10 + (text[i] - '0');
            } else {
                if (count < BROOD_MOST)
                    children[count++] = pid;
                pid = 0;
            }
    if (fd >= 0)
        close(fd);
    return count;
}

void brood_end(int sig)
{
    double start = guard_now(), late = 0;
    pid_t children[BROOD_MOST], got;

    while (late < 5) {
        int count = brood_children(children);

        for (int i = 0; i < count; i++)
            kill(children[i], late < 1 ? sig : SIGKILL);
        while ((got = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (got < 0 && errno == ECHILD)
            return;
        guard_sleep_until(guard_now() + 0.001);
        late = guard_now() - start;
    }
}

static void tidy(int sig)
{
    if (getpid() == tidy_owner) {
        brood_end(tidy_signal);
        if (tidy_also)
            tidy_also();
    }
    signal(sig, SIG_DFL);
    raise(sig); /* it comes when this handler returns */
}

void brood_tidy(int sig, void (*also)(void))
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = tidy }, before;

    tidy_signal = sig;
    tidy_also = also;
    tidy_owner = getpid();
    for (int i = 0; i < 3; i++)
        sigaddset(&action.sa_mask, signals[i]);
    for (int i = 0; i < 3; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}
