#define _GNU_SOURCE
#include "diagnose.h"
#include "exam.h"

#include "../lib/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const service_names[SERVICES] = { "calc", "echo", "chat" };

const struct stage stages[STAGES] = {
    { "answers", 10, { answers_calc, answers_echo, answers_chat } },
    { "stream", 20, { stream_calc, stream_echo, stream_chat } },
    { "two at once", 15, { two_calc, two_echo, two_chat } },
    { "endings", 15, { endings_calc, endings_echo, endings_chat } },
    { "not reading", 20, { slow_calc, slow_echo, slow_chat } },
    { "quiet", 10, { quiet_checks, quiet_checks, quiet_checks } },
    { "limits", 10, { limits_checks, limits_checks, limits_checks } },
};

const struct check *stage_checks(const struct stage *s, enum service service)
{
    return s->checks[service];
}

/* splitmix64, by Sebastiano Vigna: a step, then a mix. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

long random_below(struct exam *e, long n)
{
    return (long)(mix(e->random += 0x9e3779b97f4a7c15u) % (uint64_t)n);
}

const char *amount(unsigned long bytes, char text[32])
{
    if (bytes >= 1000000)
        snprintf(text, 32, "%.1f MB", (double)bytes / 1e6);
    else
        snprintf(text, 32, "%lu byte%s", bytes, bytes == 1 ? "" : "s");
    return text;
}

/* Each check draws from its own numbers, so that one alone does the same as all. */
static void seed_for(struct exam *e, const struct check *c)
{
    e->random = e->seed;
    for (const char *at = c->name; *at; at++)
        e->random = mix(e->random + (unsigned char)*at);
}

/* In the check's process: its stdout is the pipe whose end the grader waits for. */
static _Noreturn void be_examined(struct exam *e, const struct check *c, int done,
                                  pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* the grader's affair */
    dup2(done, STDOUT_FILENO);
    close(done);
    c->run(e);
    e->sheet->verdict = PASSED;
    _exit(0);
}

double exam_limit(const struct exam *e)
{
    return 5 * e->patience + 2;
}

void exam_run(struct exam *e, const struct check *c)
{
    struct pollfd p = { .events = POLLIN };
    double end = guard_now() + exam_limit(e);
    pid_t pid, parent = getpid();
    int ends[2];

    seed_for(e, c);
    strcpy(e->sheet->did, "Clients came and asked"); /* until the check says more */
    if (pipe2(ends, O_CLOEXEC) < 0) {
        perror("grade: pipe2");
        exit(1);
    }
    fflush(NULL);
    if ((pid = fork()) < 0) {
        perror("grade: fork");
        exit(1);
    }
    if (pid == 0)
        be_examined(e, c, ends[1], parent);
    close(ends[1]);
    p.fd = ends[0];
    while (poll(&p, 1, guard_left(end)) < 0 && errno == EINTR)
        ;
    if (e->sheet->verdict == UNTRIED) {
        e->sheet->verdict = FAILED;
        e->sheet->kind = SLOW;
        snprintf(e->sheet->seen, sizeof e->sheet->seen, "not all of it within %g s",
                 exam_limit(e));
    }
    if (e->sheet->verdict == FAILED)
        diagnose(e);
    close(ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
