#define _GNU_SOURCE
#include "process.h"

#include "../lib/brood.h"
#include "../lib/proc.h"
#include "../lib/witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void pause_for(double seconds)
{
    struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds)
                                                  * 1e9) };

    nanosleep(&t, NULL);
}

static void run_child(const char *command, const struct process_options *o,
                      const char *errors, pid_t parent)
{
    char text[2048];
    struct sched_param none = { 0 };
    int null = open("/dev/null", O_RDWR);
    int log = o->errors != 0 ? o->errors
                             : open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || null == -1 || log == -1)
        _exit(127);
    setpgid(0, 0);              /* Ctrl-C is for us; we end our children */
    dup2(null, 0);
    dup2(null, 1);
    dup2(log, 2);
    for (int fd = 3; fd < 1024; fd++)   /* whatever we were given ourselves */
        close(fd);
    for (int fd = o->fill_from; fd < o->fill_to; fd++)
        dup2(0, fd);
    if (o->cpu >= 0) {
        cpu_set_t cpus;

        CPU_ZERO(&cpus);
        CPU_SET((size_t)o->cpu, &cpus);
        sched_setaffinity(0, sizeof cpus, &cpus);
    }
    if (o->idle_class)
        sched_setscheduler(0, SCHED_IDLE, &none);
    snprintf(text, sizeof text, "exec %s", command);
    execl("/bin/sh", "sh", "-c", text, (char *)NULL);
    _exit(127);
}

enum { PROCESSES_MAX = 32 };
static pid_t running[PROCESSES_MAX];    /* groups, and owners outside of them */

static void note_running(pid_t pid)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (running[i] == 0 || running[i] == pid) {
            running[i] = pid;
            return;
        }
}

static bool is_running(pid_t pid)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (running[i] == pid)
            return true;
    return false;
}

static void note_ended(pid_t pid)
{
    for (int i = 0; i < PROCESSES_MAX; i++)
        if (running[i] == pid)
            running[i] = 0;
}

/* Those that have left their group, and whose parents have ended: of which command they are is
 * not known any more.  Signals them (0: does not).  Returns how many there are. */
static int strays(int sig)
{
    pid_t children[BROOD_MOST];
    int count = brood_children(children), alive = 0;

    for (int i = 0; i < count; i++) {
        if (is_running(children[i]) || is_running(getpgid(children[i]))
            || waitpid(children[i], NULL, WNOHANG) != 0)
            continue;
        kill(children[i], sig);
        alive++;
    }
    return alive;
}

static void kill_all(void) { brood_end(SIGKILL); }

void process_tidy(void (*also)(void))
{
    brood_adopt();
    brood_tidy(SIGKILL, also);
    atexit(kill_all);
}

void process_start(struct process *p, const char *command,
                   const struct process_options *options)
{
    pid_t parent = getpid();

    memset(p, 0, sizeof *p);
    if (options->errors == 0)
        snprintf(p->errors, sizeof p->errors, "%s/%s.err", options->directory,
                 options->name);
    fflush(NULL);
    p->pid = fork();
    if (p->pid == 0)
        run_child(command, options, p->errors, parent);
    if (p->pid == -1) {
        fprintf(stderr, "compare: cannot start a process: %s\n", strerror(errno));
        exit(1);
    }
    setpgid(p->pid, p->pid);
    p->group = p->owner = p->pid;
    note_running(p->group);
}

/* Looks who has ended; true when nobody is left, or, not of all, neither the command nor the
 * owner of the port that it has left in the background. */
static bool ended(struct process *p, bool all)
{
    int status;
    pid_t got;

    while (p->group != 0 && (got = waitpid(-p->group, &status, WNOHANG)) != 0) {
        if (got == p->pid) {
            p->pid = 0;
            p->status = status;
        } else if (got == -1) {             /* ECHILD */
            note_ended(p->group);
            p->pid = p->group = 0;
        }
    }
    if (p->owner_apart
        && (waitpid(p->owner, NULL, WNOHANG) == p->owner || kill(p->owner, 0) == -1)) {
        p->owner_apart = false;
        note_ended(p->owner);
    }
    if (p->pid != 0 || p->owner_apart)
        return false;
    return !all || (p->group == 0 && strays(0) == 0);
}

static bool wait_until_ended(struct process *p, bool all, double seconds)
{
    double end = now() + seconds, nap = 0.0005;

    while (!ended(p, all)) {
        if (now() >= end)
            return false;
        pause_for(nap);
        if (nap < 0.005)
            nap *= 2;
    }
    return true;
}

int process_wait(struct process *p, double seconds)
{
    return wait_until_ended(p, false, seconds);
}

static void signal_all(const struct process *p, int sig)
{
    if (p->group != 0)
        kill(-p->group, sig);
    if (p->owner_apart && getpgid(p->owner) != p->group)
        kill(p->owner, sig);
    strays(sig);
}

int process_stop(struct process *p, double seconds)
{
    double end;

    if (wait_until_ended(p, true, 0))
        return 0;
    signal_all(p, SIGTERM);
    if (wait_until_ended(p, true, seconds))
        return 0;
    end = now() + 5;
    do                  /* what is killed may leave others behind */
        signal_all(p, SIGKILL);
    while (!wait_until_ended(p, true, 0.01) && now() < end);
    return -1;
}

void process_complaint(const struct process *p, char *line, size_t size)
{
    FILE *file = fopen(p->errors, "r");

    if (file == NULL || fgets(line, (int)size, file) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static int somebody_accepts(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), done;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    done = fd != -1 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd != -1)
        close(fd);
    return done;
}

int port_wait(struct process *p, int port, double seconds)
{
    double end = now() + seconds;
    struct tcp_socket listener;

    while (now() < end) {
        if (witness_socket_of(port, 0, &listener))
            return 0;
        if (process_wait(p, 0) && strays(0) == 0)
            return -1;          /* not even something in the background */
        pause_for(0.002);
    }
    return somebody_accepts(port) ? 0 : -1;
}

int port_owner(struct process *p, int port)
{
    pid_t owner = p->pid != 0 ? witness_listener(port, p->pid) : 0;

    if (owner == 0) /* what has left it for the background is below us */
        owner = witness_listener(port, getpid());
    errno = 0;
    if (owner == 0)
        return -1;
    if (owner == p->pid)
        return 0;
    p->owner = owner;
    p->owner_apart = true;
    note_running(owner);
    return 0;
}

bool quote(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (const char *at = text; n + 6 < size; at++) {
        if (at == text)
            out[n++] = '\'';
        if (*at == '\'')
            n += (size_t)snprintf(out + n, size - n, "'\\''");
        else if (*at != '\0')
            out[n++] = *at;
        if (*at != '\0')
            continue;
        snprintf(out + n, size - n, "'");
        return true;
    }
    return false;
}

static bool count_descriptor(void *context, pid_t pid, int fd)
{
    struct descriptors *d = context;
    char path[64], target[8] = "";

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    d->open++;
    if (readlink(path, target, sizeof target - 1) == 7 && strcmp(target, "socket:") == 0) {
        d->sockets++;
        if (fd > d->top_socket)
            d->top_socket = fd;
    }
    return false;
}

struct descriptors process_descriptors(const struct process *p)
{
    struct descriptors d = { 0, 0, -1 };

    proc_walk(p->owner, "fd", count_descriptor, &d);
    return d;
}
