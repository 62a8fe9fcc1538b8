#define _GNU_SOURCE
#include "process.h"

#include <arpa/inet.h>
#include <dirent.h>
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
    int log = open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

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

void process_start(struct process *p, const char *command,
                   const struct process_options *options)
{
    pid_t parent = getpid();

    memset(p, 0, sizeof *p);
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
}

int process_wait(struct process *p, double seconds)
{
    double end = now() + seconds, nap = 0.0005;

    while (p->pid != 0) {
        pid_t got = waitpid(p->pid, &p->status, WNOHANG);

        if (got == p->pid || (got == -1 && errno == ECHILD)) {
            p->pid = 0;
            break;
        }
        if (now() >= end)
            return 0;
        pause_for(nap);
        if (nap < 0.005)
            nap *= 2;
    }
    return 1;
}

int process_stop(struct process *p, double seconds)
{
    if (p->pid == 0)
        return 0;
    kill(p->pid, SIGTERM);
    if (process_wait(p, seconds))
        return 0;
    kill(p->pid, SIGKILL);
    process_wait(p, 5);
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

int port_free(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t length = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = -1;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd != -1 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        getsockname(fd, (struct sockaddr *)&a, &length) == 0)
        port = ntohs(a.sin_port);
    if (fd != -1)
        close(fd);
    return port;
}

/* Of proc_pid_net(5), a line reads "0: ADDRESS:PORT ADDRESS:PORT STATE ..." in hex; the
 * state of a listener is TCP_LISTEN, 0A. */
static int somebody_listens(const char *table, int port)
{
    FILE *file = fopen(table, "r");
    char line[256];
    int found = 0;

    if (file == NULL)
        return 0;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        char *local = strchr(line, ':');

        if (local != NULL && (local = strchr(local + 1, ':')) != NULL &&
            strtol(local + 1, &local, 16) == port &&
            (local = strchr(local, ':')) != NULL)
            found = strncmp(local + 5, " 0A", 3) == 0;
    }
    fclose(file);
    return found;
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

    while (now() < end) {
        if (somebody_listens("/proc/net/tcp", port) ||
            somebody_listens("/proc/net/tcp6", port))
            return 0;
        if (process_wait(p, 0))
            return -1;
        pause_for(0.002);
    }
    return somebody_accepts(port) ? 0 : -1;
}

struct descriptors process_descriptors(const struct process *p)
{
    struct descriptors d = { 0, 0, -1 };
    char path[300], target[32];

    snprintf(path, sizeof path, "/proc/%d/fd", (int)p->pid);
    DIR *directory = opendir(path);
    if (directory == NULL)
        return d;
    for (struct dirent *e; (e = readdir(directory)) != NULL; ) {
        if (e->d_name[0] == '.')
            continue;
        d.open++;
        snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)p->pid, e->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 7 || strncmp(target, "socket:", 7) != 0)
            continue;
        int number = (int)strtol(e->d_name, NULL, 10);
        d.sockets++;
        if (number > d.top_socket)
            d.top_socket = number;
    }
    closedir(directory);
    return d;
}
