#define _GNU_SOURCE
#include "keeper.h"

#include "../lib/guard.h"
#include "../lib/witness.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a server may take to leave when it is told to (SIGTERM). */
static const double politeness = 0.3;

/* In the process that becomes the server. */
static void become_server(struct kept *kept, char *const words[], int out, int spare)
{
    struct rlimit limit;
    sigset_t none;
    int null = open("/dev/null", O_RDONLY);

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    alarm(0);
    setsid();
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (null > STDERR_FILENO)
        close(null);
    if (spare > 0) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (int i = 0; i < spare; i++)
        if (open("/dev/null", O_RDONLY) < 0) /* inherited on purpose */
            break;
    execvp(words[0], words);
    kept->not_run = errno;
    fprintf(stderr, "cannot run %s: %s\n", words[0], strerror(errno));
    _exit(127);
}

static void reap(struct kept *kept)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == kept->root) {
            kept->root_status = status;
            kept->root_ended = true;
        } else {
            kept->orphan_status = status;
            kept->orphan_ended = true;
        }
    }
}

static void signal_all(int sig)
{
    struct tree tree;

    tree_find(&tree, getpid());
    tree_signal(&tree, sig);
}

static bool is_childless(struct kept *kept)
{
    struct tree tree;

    reap(kept);
    tree_find(&tree, getpid());
    return tree.count == 0;
}

static _Noreturn void end_all(struct kept *kept)
{
    double end = guard_now() + politeness;

    signal_all(SIGCONT);
    signal_all(SIGTERM);
    while (!is_childless(kept) && guard_now() < end)
        guard_sleep_until(guard_now() + 0.001);
    /* As long as there is somebody: between a look and a kill, another may be forked. */
    for (end = guard_now() + 5; !is_childless(kept) && guard_now() < end;) {
        signal_all(SIGKILL);
        guard_sleep_until(guard_now() + 0.001);
    }
    _exit(0);
}

/* Reads what is there; false at the end of the stream. */
static bool take_output(struct kept *kept, int out)
{
    char bytes[4096];
    ssize_t n = read(out, bytes, sizeof bytes);

    for (ssize_t i = 0; i < n; i++)
        kept->tail[(kept->said + (size_t)i) % KEEPER_TAIL] = bytes[i];
    if (n > 0)
        kept->said += (size_t)n;
    return n > 0 || (n < 0 && errno == EINTR);
}

static _Noreturn void keep(struct kept *kept, int out, int signals)
{
    struct pollfd polls[2] = { { .fd = signals, .events = POLLIN },
                               { .fd = out, .events = POLLIN } };

    for (;;) {
        struct signalfd_siginfo info;

        if (poll(polls, 2, -1) < 0)
            continue;
        if (polls[1].revents && !take_output(kept, out))
            polls[1].fd = -1;
        if (polls[0].revents && read(signals, &info, sizeof info) == sizeof info) {
            if (info.ssi_signo == SIGTERM)
                end_all(kept);
            reap(kept);
        }
    }
}

/* In the keeper. */
static _Noreturn void begin(struct kept *kept, char *const words[], int spare,
                            pid_t parent)
{
    sigset_t mask;
    int out[2], signals;
    pid_t root;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the grader's, which then tells us */
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    signals = signalfd(-1, &mask, SFD_CLOEXEC);
    if (signals < 0 || pipe2(out, O_CLOEXEC) < 0)
        _exit(1);
    if ((root = fork()) == 0)
        become_server(kept, words, out[1], spare);
    if (root < 0)
        _exit(1);
    kept->root = root;
    close(out[1]);
    keep(kept, out[0], signals);
}

bool keeper_start(struct keeper *k, char *const words[], int spare)
{
    pid_t parent = getpid();

    k->kept = mmap(NULL, sizeof *k->kept, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (k->kept == MAP_FAILED)
        return false;
    fflush(NULL);
    if ((k->pid = fork()) < 0)
        return false;
    if (k->pid == 0)
        begin(k->kept, words, spare, parent);
    return true;
}

void keeper_stop(struct keeper *k)
{
    if (k->pid <= 0)
        return;
    kill(k->pid, SIGTERM);
    while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    munmap(k->kept, sizeof *k->kept);
    k->pid = 0;
}

void keeper_tail(const struct keeper *k, char *text, size_t room)
{
    size_t said = k->kept->said, n = said < KEEPER_TAIL ? said : KEEPER_TAIL, at = 0;

    if (n > room - 1)
        n = room - 1;
    for (size_t i = said - n; i < said; i++) {
        char c = k->kept->tail[i % KEEPER_TAIL];

        if (c == '\n' || isprint((unsigned char)c))
            text[at++] = c;
    }
    text[at] = '\0';
}
