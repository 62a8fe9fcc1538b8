/* bounded - run a command that may hang, fork without end, or fill memory or disk.
 *
 *     $ build/tests/bounded -t 60 -d 100 FOLDER sh -c 'cd FOLDER && make'
 *
 * What the command starts is found wherever it goes (PR_SET_CHILD_SUBREAPER), and all of it
 * is ended when the command has ended or a bound is passed:
 *
 *     -t SECONDS     in all (120)
 *     -d MEGABYTES   in the files of FOLDER, and in any one file (200)
 *     -m MEGABYTES   of memory, of all processes (2000)
 *     -p PROCESSES   at the same time (300)
 *
 * The exit status is the command's; 124, with a line on stderr, if a bound was passed.
 *
 * This is no jail.  The command has its user's rights: it can write elsewhere, and it can
 * kill whatever that user may kill. */
#define _GNU_SOURCE
#include "../lib/command.h"
#include "../lib/guard.h"
#include "../lib/witness.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const double LOOK_EVERY = 0.05, DISK_EVERY = 0.5; /* seconds */

struct bounds {
    long seconds, disk, memory, processes;
};

static volatile sig_atomic_t told; /* INT, TERM or HUP */

static void on_signal(int sig)
{
    told = sig;
}

/* nftw has no argument for its caller. */
static long long bytes_found;

static int add_bytes(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)path, (void)at;
    if (kind == FTW_F)
        bytes_found += st->st_blocks * 512LL;
    return 0;
}

static long megabytes_in(const char *folder)
{
    bytes_found = 0;
    nftw(folder, add_bytes, 16, FTW_PHYS);
    return (long)(bytes_found / 1000000);
}

/* Stopped first: what is stopped forks no more.  Again and again, since between a look and
 * a signal another may have been forked. */
static void end_all(void)
{
    static struct tree tree;
    double end = guard_now() + 20;

    do {
        tree_find(&tree, getpid());
        for (int i = 0; i < tree.count; i++)
            kill(tree.pids[i], SIGSTOP);
        for (int i = 0; i < tree.count; i++)
            kill(tree.pids[i], SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        guard_sleep_until(guard_now() + 0.001);
    } while (tree.count > 0 && guard_now() < end);
}

static _Noreturn void become(const struct bounds *b, char *words[])
{
    struct rlimit file = { .rlim_cur = (rlim_t)b->disk * 1000000,
                           .rlim_max = (rlim_t)b->disk * 1000000 };
    struct rlimit core = { 0, 0 };

    setpgid(0, 0);
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_CORE, &core);
    execvp(words[0], words);
    fprintf(stderr, "bounded: cannot run %s: %s\n", words[0], strerror(errno));
    _exit(127);
}

/* The bound that is passed, in words; NULL: none. */
static const char *passed(const struct bounds *b, const char *folder, double start)
{
    static struct tree tree;
    static double disk_seen;
    static char words[100];
    double now = guard_now();

    tree_find(&tree, getpid());
    if (now > start + (double)b->seconds)
        snprintf(words, sizeof words, "it ran for more than %ld s", b->seconds);
    else if (tree.count > b->processes)
        snprintf(words, sizeof words, "it had more than %ld processes", b->processes);
    else if (tree_memory(&tree) / 1000000 > b->memory)
        snprintf(words, sizeof words, "it took more than %ld MB of memory", b->memory);
    else if (now > disk_seen + DISK_EVERY && megabytes_in(folder) > b->disk)
        snprintf(words, sizeof words, "it wrote more than %ld MB", b->disk);
    else {
        if (now > disk_seen + DISK_EVERY)
            disk_seen = guard_now();
        return NULL;
    }
    return words;
}

static int usage(void)
{
    fputs("usage: bounded [-t SECONDS] [-d MEGABYTES] [-m MEGABYTES] [-p PROCESSES] FOLDER "
          "COMMAND...\n", stderr);
    return 2;
}

static int parse(struct bounds *b, int argc, char *argv[])
{
    int letter;

    while ((letter = getopt(argc, argv, "+t:d:m:p:")) != -1)
        switch (letter) {
        case 't': b->seconds = (long)command_whole("-t", optarg, 1, 1000000); break;
        case 'd': b->disk = (long)command_whole("-d", optarg, 1, 1000000); break;
        case 'm': b->memory = (long)command_whole("-m", optarg, 1, 1000000); break;
        case 'p': b->processes = (long)command_whole("-p", optarg, 1, 1000000); break;
        default: exit(usage());
        }
    if (b->processes >= TREE_MOST)
        b->processes = TREE_MOST - 1;
    return optind;
}

int main(int argc, char *argv[])
{
    struct bounds b = { .seconds = 120, .disk = 200, .memory = 2000, .processes = 300 };
    struct sigaction action = { .sa_handler = on_signal };
    double start = guard_now();
    const char *why = NULL;
    int at = parse(&b, argc, argv), status = 0;
    pid_t pid, ended;

    if (at + 2 > argc)
        return usage();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    if ((pid = fork()) < 0) {
        perror("bounded: fork");
        return 1;
    }
    if (pid == 0)
        become(&b, argv + at + 1);
    do {
        guard_sleep_until(guard_now() + LOOK_EVERY);
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0 && ended != pid)
            ;
    } while (ended != pid && !told && !(why = passed(&b, argv[at], start)));
    end_all();
    if (told)
        return 128 + told;
    if (why) {
        fprintf(stderr, "bounded: %s, and was ended\n", why);
        return 124;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
