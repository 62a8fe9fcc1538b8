#define _GNU_SOURCE
#include "control.h"
#include "subject.h"

#include "../lib/client.h"
#include "../lib/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct pulse {
    volatile double slowest, last; /* moments and spans of guard_now() */
};

static struct subject control;
static struct pulse *pulse;
static pid_t pulse_pid;

/* Asks for ever; the grader ends it. */
static _Noreturn void beat(void)
{
    static const char request[] = "9@10 + 1234@", reply[] = "6@1244 0@";
    int fd = client_try(&control.server, NULL);
    struct pollfd p = { .fd = fd, .events = POLLIN };

    for (;;) {
        double start = guard_now(), took;
        size_t n = 0;
        char bytes[64];

        if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
            _exit(1); /* then it is late for good, and nothing is judged */
        while (n < sizeof reply - 1 && poll(&p, 1, -1) > 0) {
            ssize_t got = recv(fd, bytes, sizeof bytes, 0);

            if (got <= 0)
                _exit(1);
            n += (size_t)got;
        }
        guard_sleep_until(start + 0.02);
        took = guard_now() - start;
        if (took > pulse->slowest)
            pulse->slowest = took;
        pulse->last = guard_now();
    }
}

/* Through the environment: the path may hold anything. */
static const char control_command[] = "exec \"$GRADE_CONTROL\" -p {port}";

static bool begin(void)
{
    static char path[4096 + 20];
    ssize_t n = readlink("/proc/self/exe", path, 4096);
    pid_t parent = getpid();
    char *slash;

    path[n < 0 ? 0 : n] = '\0';
    if ((slash = strrchr(path, '/')))
        slash[1] = '\0';
    strcat(path, "poll_server");
    if (access(path, X_OK) < 0) {
        fprintf(stderr, "grade: the control server %s: %s; `make` builds it\n", path,
                strerror(errno));
        return false;
    }
    setenv("GRADE_CONTROL", path, 1);
    control.command = control_command;
    if (subject_start(&control, 0, 0) != START_LISTENS) {
        fprintf(stderr, "grade: the control server %s does not come up\n", path);
        return false;
    }
    pulse = mmap(NULL, sizeof *pulse, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    if (pulse == MAP_FAILED)
        return false;
    pulse->last = guard_now();
    if ((pulse_pid = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            beat();
        _exit(1);
    }
    return pulse_pid > 0;
}

bool control_start(void)
{
    if (begin())
        return true;
    control_stop();
    return false;
}

void control_stop(void)
{
    if (pulse_pid > 0) {
        kill(pulse_pid, SIGKILL);
        waitpid(pulse_pid, NULL, 0);
        pulse_pid = 0;
    }
    subject_stop(&control);
}

void control_mark(void)
{
    pulse->slowest = 0;
}

double control_slowest(void)
{
    double under_way = guard_now() - pulse->last;

    return under_way > pulse->slowest ? under_way : pulse->slowest;
}
