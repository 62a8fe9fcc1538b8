/* hold - run a command, and let nothing of it outlive it.
 *
 *     $ build/tests/hold NAME sh tests/unit/run
 *
 * The command gets a process group of its own, and orphans of it become our children
 * (PR_SET_CHILD_SUBREAPER), so that all it started can be found: also what went to the
 * background, or to another group.  When the command has ended, each process still there
 * two seconds later is named in a line "FAIL NAME: ..." and killed.  INT, TERM and HUP are
 * passed on to the group as TERM; what has not ended five seconds later is killed.  A signal
 * that our parent ignores (nohup) is ignored by us, but not by the command: a shell could not
 * take that back.
 *
 * The exit status is the command's; 1 if it left something behind; 128 + N after signal N.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double GRACE = 2, PATIENCE = 5; /* seconds */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The parent of a process, or -1.  Its name, in parentheses, may hold anything. */
static pid_t parent_of(const char *pid)
{
    char path[300], line[400] = "", *end;
    FILE *file;
    int parent = -1;

    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    file = fopen(path, "r");
    if (file && fgets(line, sizeof line, file) && (end = strrchr(line, ')')) != NULL)
        sscanf(end, ") %*c %d", &parent);
    if (file)
        fclose(file);
    return parent;
}

static void name_process(const char *name, const char *pid)
{
    char path[300], words[200];
    FILE *file;
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
    file = fopen(path, "r");
    if (file) {
        n = fread(words, 1, sizeof words - 1, file);
        fclose(file);
    }
    words[n] = '\0';
    for (size_t i = 0; i + 1 < n; i++)
        if (words[i] == '\0')
            words[i] = ' ';
    printf("FAIL %s: it left process %s behind: %s\n", name, pid, words);
}

/* Kills all children there are; with a name, says which. */
static void kill_children(const char *name)
{
    DIR *directory = opendir("/proc");
    struct dirent *e;

    while (directory && (e = readdir(directory)) != NULL) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9' || parent_of(e->d_name) != getpid())
            continue;
        if (name)
            name_process(name, e->d_name);
        kill((pid_t)strtol(e->d_name, NULL, 10), SIGKILL);
    }
    if (directory)
        closedir(directory);
    fflush(stdout);
}

/* Reaps who has ended.  False when there is no child left; the command's end is noted. */
static bool reap(pid_t command, int *status, bool *ended)
{
    int s;
    pid_t got;

    while ((got = waitpid(-1, &s, WNOHANG)) > 0) {
        if (got == command) {
            *ended = true;
            *status = WIFEXITED(s) ? WEXITSTATUS(s) : 128 + WTERMSIG(s);
        }
    }
    return got == 0;
}

static pid_t start(char **words, const sigset_t *mask)
{
    static const int odd[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGALRM };
    pid_t pid = fork();

    if (pid == 0) {
        setpgid(0, 0);
        for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
            signal(odd[i], SIG_DFL);
        signal(SIGTTOU, SIG_IGN); /* it may write to the terminal all the same */
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(words[0], words);
        fprintf(stderr, "hold: cannot run %s: %s\n", words[0], strerror(errno));
        _exit(127);
    }
    if (pid > 0)
        setpgid(pid, pid);
    return pid;
}

int main(int argc, char **argv)
{
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction was;
    sigset_t ours, before;
    struct timespec turn = { 0, 50000000 };
    double end = 0;
    int status = 0, told = 0;
    bool ended = false, left = false;
    pid_t command;

    if (argc < 3) {
        fputs("usage: hold NAME COMMAND ...\n", stderr);
        return 2;
    }
    sigemptyset(&ours);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
            sigaddset(&ours, ends[i]);
    sigaddset(&ours, SIGCHLD);
    signal(SIGCHLD, SIG_DFL); /* a parent that ignores it would take our children's status */
    sigprocmask(SIG_BLOCK, &ours, &before);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sigdelset(&before, ends[i]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    command = start(argv + 2, &before);
    if (command == -1) {
        fprintf(stderr, "hold: cannot start a process: %s\n", strerror(errno));
        return 1;
    }
    while (reap(command, &status, &ended)) {
        int sig = sigtimedwait(&ours, NULL, &turn);

        if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP) {
            told = sig;
            kill(-command, SIGTERM);
            end = now() + PATIENCE;
        } else if (ended && end == 0) {
            end = now() + GRACE;
        } else if (end > 0 && now() > end) {
            left |= !told;
            kill_children(told ? NULL : argv[1]);
            end = now() + 0.2; /* their children are ours now */
        }
    }
    return told ? 128 + told : left ? 1 : status;
}
