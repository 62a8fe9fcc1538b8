/* together - the servers side by side, until Ctrl-C: `make run`.
 *
 *     $ build/together 127.0.0.1 8081 build/select_server build/poll_server
 *     select_server: serving calc on 127.0.0.1:8081    telnet 127.0.0.1 8081
 *     poll_server: serving calc on 127.0.0.1:8082    telnet 127.0.0.1 8082
 *     Ctrl-C stops them.
 *
 * Each server gets one port more than the one before it; with port 0 the kernel chooses.
 * They end together: when one of them cannot start, or ends, when INT, TERM or HUP comes,
 * when this program dies, and when nobody is left to read what it prints.
 *
 * Each server has a process group of its own.  So Ctrl-C, which a terminal sends to all
 * processes of the foreground group, reaches this program only, and it signals each server
 * exactly once: a second signal would end a server at once, without its farewell.  Ctrl-Z
 * has to be passed on for the same reason.
 */
#define _GNU_SOURCE
#include "../lib/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16 };

static const double PATIENCE = 5;   /* seconds */

static struct child {
    const char *name;       /* without the folder */
    pid_t pid;              /* 0 once it has ended */
} children[MOST];
static int count, status;
static bool stopping;
static double deadline;
static sigset_t waiting;    /* the signal mask of a wait; all others have our signals blocked */

static volatile sig_atomic_t told, paused;

static void on_stop(int sig) { (void)sig; told = 1; }
static void on_pause(int sig) { (void)sig; paused = 1; }
static void on_child(int sig) { (void)sig; }    /* ends the wait, and that is all */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void signal_all(int sig)
{
    for (int i = 0; i < count; i++)
        if (children[i].pid != 0)
            kill(children[i].pid, sig);
}

static void stop_all(void)
{
    signal_all(SIGTERM);
    signal_all(SIGCONT);
    stopping = true;
    deadline = now() + PATIENCE;
}

/* Notes who has ended.  Returns how many are left. */
static int reap(void)
{
    int s, left = 0;

    for (int i = 0; i < count; i++) {
        struct child *c = &children[i];

        if (c->pid == 0 || waitpid(c->pid, &s, WNOHANG) == 0) {
            left += c->pid != 0;
            continue;
        }
        c->pid = 0;
        status |= s != 0;
        if (!stopping && WIFSIGNALED(s))
            fprintf(stderr, "make run: %s was killed by signal %d (%s)", c->name,
                    WTERMSIG(s), strsignal(WTERMSIG(s)));
        else if (!stopping)
            fprintf(stderr, "make run: %s ended with status %d", c->name, WEXITSTATUS(s));
        else
            continue;
        fputs("; the others are stopped.\n", stderr);
        status = 1;
        stop_all();
    }
    return left;
}

/* Waits until something is to be read from `fd` (-1: nothing is), does what signals ask,
 * and ends all when our reader is gone: an output without one reports POLLERR. */
static void wait_for(int fd)
{
    struct pollfd p[2] = { { fd, POLLIN, 0 }, { STDOUT_FILENO, 0, 0 } };
    struct timespec turn = { 0, 200000000 };

    ppoll(p, stopping ? 1 : 2, stopping ? &turn : NULL, &waiting);
    if (paused) {
        paused = 0;
        signal_all(SIGSTOP);
        raise(SIGSTOP);
        signal_all(SIGCONT);
    }
    if (told) {
        told = 0;
        stop_all();
    } else if (!stopping && (p[1].revents & (POLLERR | POLLHUP)) != 0) {
        status = 1;
        stop_all();
    }
    if (stopping && now() > deadline)
        signal_all(SIGKILL);
}

static void be_server(char *program, const char *address, const char *port, int out,
                      pid_t parent)
{
    char *words[] = { program, "-b", (char *)address, "-p", (char *)port, NULL };
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &waiting, NULL);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execvp(program, words);
    fprintf(stderr, "make run: cannot run %s: %s; run make first\n", program,
            strerror(errno));
    _exit(127);
}

/* Starts one server and shows its first line.  False if there is none. */
static bool start(char *program, const char *address, int port)
{
    struct child *c = &children[count];
    char number[12], line[300], *colon;
    size_t n = 0;
    ssize_t got = -1;
    pid_t parent = getpid();
    int ends[2];

    snprintf(number, sizeof number, "%d", port);
    c->name = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1 || (c->pid = fork()) == -1) {
        fprintf(stderr, "make run: cannot start %s: %s\n", program, strerror(errno));
        c->pid = 0;
        return false;
    }
    if (c->pid == 0)
        be_server(program, address, number, ends[1], parent);
    count++;
    close(ends[1]);
    while (!stopping && got != 0 && n < sizeof line - 1 && (n == 0 || line[n - 1] != '\n')) {
        wait_for(ends[0]);
        got = read(ends[0], line + n, sizeof line - 1 - n);
        n += got > 0 ? (size_t)got : 0;
    }
    close(ends[0]);     /* a server says no more on its stdout */
    line[n] = '\0';
    colon = strrchr(line, ':');
    if (stopping || n == 0 || line[n - 1] != '\n' || colon == NULL)
        return false;
    line[n - 1] = '\0';
    printf("%s    telnet %s %s\n", line, address, colon + 1);
    return true;
}

/* Lets what was printed be seen.  Where it cannot be, nobody knows where the servers are. */
static void show(void)
{
    if (stopping || command_end(0) == 0)
        return;
    status = 1;
    stop_all();
}

static void catch(int sig, void (*handler)(int), sigset_t *block)
{
    struct sigaction a = { .sa_handler = handler };

    sigaction(sig, &a, NULL);
    sigaddset(block, sig);
    sigdelset(&waiting, sig);
}

static void take_signals(void)
{
    struct sigaction before;
    sigset_t block;

    sigemptyset(&block);
    sigprocmask(SIG_SETMASK, NULL, &waiting);
    catch(SIGINT, on_stop, &block);
    catch(SIGTERM, on_stop, &block);
    catch(SIGHUP, on_stop, &block);
    catch(SIGCHLD, on_child, &block);
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        catch(SIGTSTP, on_pause, &block);
    sigprocmask(SIG_BLOCK, &block, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    char *end = "";
    long port = argc > 3 ? strtol(argv[2], &end, 10) : -1;

    command_begin();
    if (argc < 4 || argc - 3 > MOST || *end != '\0' || port < 0 || port > 65535 - MOST) {
        fprintf(stderr, "make run: PORT=%s is no port from 0 to %d, or no server is named\n",
                argc > 2 ? argv[2] : "", 65535 - MOST);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    take_signals();
    for (int i = 3; i < argc && !stopping; i++) {
        bool started = start(argv[i], argv[1], port == 0 ? 0 : (int)port + i - 3);

        show();
        if (started || stopping)
            continue;
        fprintf(stderr, "make run: %s did not start, so none runs. Is the port taken? "
                "Then choose others,\nor an address that is yours alone: make run "
                "PORT=9081, make run AT=127.%u.%u.%u\n", argv[i],
                (unsigned)getuid() / 62500 % 250 + 1, (unsigned)getuid() / 250 % 250,
                (unsigned)getuid() % 250 + 1);
        status = 1;
        stop_all();
    }
    if (!stopping)
        puts("Ctrl-C stops them.");
    show();
    while (reap() > 0)
        wait_for(-1);
    return status;
}
