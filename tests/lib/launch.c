#define _GNU_SOURCE
#include "launch.h"

#include "check.h"
#include "guard.h"
#include "port.h"
#include "witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

/* The server started last: what a test that fails shows of it. */
static struct {
    pid_t pid; /* 0 once it was waited for */
    pid_t tester;
    int err; /* -1: nothing to show */
    char line[1000];
} last = { .err = -1 };

const char *server_tell_end(int status)
{
    static char text[100];

    if (status < 128)
        snprintf(text, sizeof text, "ended: exit %d", status);
    else
        snprintf(text, sizeof text, "died: signal %d, %s", status - 128,
                 strsignal(status - 128));
    return text;
}

const char *server_death(void)
{
    double end = guard_now() + 0.2;

    while (last.pid > 0) {
        siginfo_t info = { .si_pid = 0 };

        if (waitid(P_PID, (id_t)last.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
            && info.si_pid == last.pid)
            return server_tell_end(info.si_status + (info.si_code == CLD_EXITED ? 0 : 128));
        if (guard_now() >= end)
            break;
        guard_sleep_until(guard_now() + 0.001);
    }
    return NULL;
}

_Noreturn void server_fail_gone(void)
{
    const char *death = server_death();

    check_fail("the server %s", death ? death : "is gone");
}

static void show_server(void)
{
    const char *death;
    char text[600];
    off_t size;
    ssize_t n;

    if (!check_failed() || getpid() != last.tester || last.err < 0)
        return;
    dprintf(STDOUT_FILENO, "    server: %s\n", last.line);
    if ((death = server_death()))
        dprintf(STDOUT_FILENO, "    it %s\n", death);
    size = lseek(last.err, 0, SEEK_END);
    n = pread(last.err, text, sizeof text - 1,
              size > (off_t)sizeof text ? size - (off_t)sizeof text : 0);
    text[n > 0 ? n : 0] = '\0';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        dprintf(STDOUT_FILENO, "    its stderr: %s\n", line);
}

static int open_stderr(void)
{
    FILE *file = tmpfile();
    int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

    check(fd >= 0, "no temporary file for stderr: %s", strerror(errno));
    fclose(file);
    if (last.tester != getpid())
        atexit(show_server);
    last.tester = getpid();
    return last.err = fd;
}

/* A command line under construction; its words are copies. */
struct line {
    char *words[MOST_WORDS + 1];
    int count;
};

static void line_add(struct line *line, const char *word)
{
    check(line->count < MOST_WORDS, "a command line of more than %d words", MOST_WORDS);
    line->words[line->count++] = strdup(word);
}

/* Keeps it to be shown, and frees it. */
static void line_end(struct line *line)
{
    size_t n = 0;

    for (int i = 0; i < line->count && n < sizeof last.line; i++)
        n += (size_t)snprintf(last.line + n, sizeof last.line - n, "%s%s",
                              i > 0 ? " " : "", line->words[i]);
    while (line->count > 0)
        free(line->words[--line->count]);
}

static void line_add_port(struct line *line, const char *word, int port)
{
    const char *mark = strstr(word, "{port}");
    char with_port[300];

    snprintf(with_port, sizeof with_port, "%.*s%d%s", (int)(mark - word), word, port,
             mark + strlen("{port}"));
    line_add(line, with_port);
}

/* The command's words, then the options, then the port if `with_port`. */
static void line_build(struct line *line, char *const command[], const char *options,
                       bool with_port)
{
    const char *switch_word = NULL, *port_word = NULL;
    char *copy = strdup(options);
    int port;

    for (int i = 0; command[i]; i++) {
        bool is_switch = !strcmp(command[i], "-p") || !strcmp(command[i], "--port");

        if (is_switch && command[i + 1] && strstr(command[i + 1], "{port}"))
            switch_word = command[i];
        else if (strstr(command[i], "{port}"))
            port_word = command[i];
        else
            line_add(line, command[i]);
    }
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        line_add(line, word);
    free(copy);
    if (!with_port)
        return;
    if (!port_word) {
        line_add(line, "-p");
        line_add(line, "0");
        return;
    }
    if (switch_word)
        line_add(line, switch_word);
    port = port_any();
    check(port > 0, "no free port: %s", strerror(errno));
    line_add_port(line, port_word, port);
}

static void run_server(const struct line *line, pid_t parent, int out, int err)
{
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    dup2(null, STDIN_FILENO);
    if (null > STDERR_FILENO)
        close(null);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execvp(line->words[0], line->words);
    fprintf(stderr, "cannot run %s: %s\n", line->words[0], strerror(errno));
    _exit(127);
}

static void spawn(struct server *s, char *const command[], const char *options,
                  bool with_port)
{
    struct line line = { .count = 0 };
    pid_t parent = getpid();
    int ends[2];

    memset(s, 0, sizeof *s);
    s->command = command;
    line_build(&line, command, options, with_port);
    check(pipe2(ends, O_CLOEXEC) == 0, "pipe2: %s", strerror(errno));
    s->out = ends[0];
    s->err = open_stderr();
    s->pid = fork();
    check(s->pid >= 0, "fork: %s", strerror(errno));
    if (s->pid == 0)
        run_server(&line, parent, ends[1], s->err);
    s->owner = s->pid;
    setpgid(s->pid, s->pid);
    check_owns(s->pid);
    last.pid = s->pid;
    close(ends[1]);
    line_end(&line);
}

void server_spawn(struct server *s, char *const command[], const char *options)
{
    spawn(s, command, options, false);
}

bool server_read_banner(struct server *s)
{
    double end = guard_end();
    size_t n = 0;
    char c = 0;

    while (c != '\n') {
        check(guard_wait(s->out, POLLIN, end), /* stdio keeps what goes to a pipe */
              "no whole banner line on stdout within %g s, only \"%s\"; did you "
              "fflush(stdout)?", GUARD, s->banner);
        if (read(s->out, &c, 1) != 1)
            return false;
        if (c != '\n' && n < sizeof s->banner - 1)
            s->banner[n++] = c;
    }
    return true;
}

/* NAME: serving SERVICE on ADDR:PORT */
static void parse_banner(struct server *s)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&s->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s->address;
    char host[100], junk;
    int port = 0;

    if (sscanf(s->banner, "%*[^ :]: serving %19s on [%99[^]]]:%d%c", s->service, host,
               &port, &junk) == 3
        && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        s->address_len = sizeof *v6;
    } else if (sscanf(s->banner, "%*[^ :]: serving %19s on %99[0-9.]:%d%c", s->service,
                      host, &port, &junk) == 3
               && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        s->address_len = sizeof *v4;
    }
    check(s->address_len > 0 && port > 0 && port < 65536,
          "expected the first line \"NAME: serving SERVICE on ADDR:PORT\", got \"%s\"",
          s->banner);
    v4->sin_port = htons((in_port_t)port); /* at the same place in both */
}

/* A script may have started the server, and strace does. */
static void find_owner(struct server *s)
{
    static struct tree below;

    tree_find(&below, s->pid);
    if (below.count > 0)
        s->owner = witness_listener(ntohs(((struct sockaddr_in *)&s->address)->sin_port), s->pid);
    if (s->owner == 0)
        s->owner = s->pid;
}

void server_start(struct server *s, char *const command[], const char *options)
{
    spawn(s, command, options, true);
    if (!server_read_banner(s)) {
        const char *death = server_death();

        check_fail("no banner: the server %s", death ? death : "closed its stdout");
    }
    parse_banner(s);
    find_owner(s);
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void server_signal(struct server *s, int sig)
{
    int status;

    if (s->pid <= 0 || kill(s->owner, sig) < 0)
        server_fail_gone();
    if (sig != SIGSTOP)
        return;
    if (s->owner != s->pid) {
        for (double end = guard_end(); !server_is_stopped(s);)
            guard_pause(end, "the server to stop");
        return;
    }
    check(waitpid(s->pid, &status, WUNTRACED) == s->pid, "waitpid: %s", strerror(errno));
    if (!WIFSTOPPED(status))
        check_fail("the server was to stop, but %s", server_tell_end(exit_status(status)));
}

/* Waits until it has ended, leaves it to be waited for. */
static bool ends_in_time(const struct server *s)
{
    double end = guard_end();
    siginfo_t info = { .si_pid = 0 };

    while (waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
           && info.si_pid == 0) {
        if (guard_now() >= end)
            return false;
        guard_sleep_until(guard_now() + 0.001);
    }
    return true;
}

/* Also the end of what it has left behind in its group. */
static int reap(struct server *s)
{
    int status;

    check_killed(s->pid);
    check(waitpid(s->pid, &status, 0) == s->pid, "waitpid: %s", strerror(errno));
    if (last.pid == s->pid)
        last.pid = 0;
    s->pid = 0;
    return exit_status(status);
}

int server_wait(struct server *s)
{
    check(ends_in_time(s), "the server still runs after %g s", GUARD);
    return reap(s);
}

const char *server_end(struct server *s)
{
    const char *wrong = NULL;
    static char text[100];
    char *said;
    int status;

    server_settle(s); /* what the last client did to it, it does before the signal */
    server_signal(s, SIGTERM);
    if (!ends_in_time(s)) {
        snprintf(text, sizeof text, "still running %g s after SIGTERM", GUARD);
        wrong = text;
    }
    status = reap(s);
    if (!wrong && status == 128 + SIGTERM)
        wrong = "the signal killed it. Does it handle SIGTERM?";
    else if (!wrong && status != 0)
        wrong = server_tell_end(status);
    said = server_stderr(s);
    check(!strstr(said, "Sanitizer") && !strstr(said, "runtime error:")
              && strncmp(said, "==", 2) != 0,
          "a sanitizer or valgrind complained, see stderr");
    free(said);
    close(s->out);
    close(s->err);
    last.err = -1;
    return wrong;
}

void server_stop(struct server *s)
{
    const char *wrong = server_end(s);

    check(!wrong, "after SIGTERM: expected exit 0, but the server: %s", wrong);
}

char *server_stdout(struct server *s)
{
    size_t room = 65536, n = 0;
    char *text = calloc(1, room);
    ssize_t got;

    while (text && n < room - 1 && (got = read(s->out, text + n, room - 1 - n)) > 0)
        n += (size_t)got;
    check(text != NULL, "no memory");
    return text;
}

char *server_stderr(struct server *s)
{
    size_t size = (size_t)lseek(s->err, 0, SEEK_END);
    char *text = calloc(1, size + 1);

    check(text && pread(s->err, text, size, 0) == (ssize_t)size, "cannot read stderr");
    return text;
}
