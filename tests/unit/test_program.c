/* Does each server end as docs/protocol.md says: with which line, which exit status,
 * and with which ledger?
 *
 * The programs are run; none gets as far as a client.  B is the build directory.
 * Without a port to give, they are sent to an address that nobody has (192.0.2.1 of
 * RFC 5737), so that the default port shows in the complaint.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { WORDS = 16, DESCRIPTORS = 1100, GUARD = 20 };

static const char *const servers[] = { "select_server", "poll_server",
                                       "epoll_lt_server", "epoll_et_server" };

/* How to start a program, beside its words. */
enum manner { PLAINLY, WITH_MANY_OPEN, WITH_FEW_ALLOWED, WITH_STDOUT_FULL };

struct result {
    int  status;            /* 128 + the signal, if one killed it */
    char out[8000], err[4000];
};

static void be_the_program(char **words, enum manner manner)
{
    struct rlimit limit = { 12, 12 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(GUARD);
    if (manner == WITH_FEW_ALLOWED)
        setrlimit(RLIMIT_NOFILE, &limit);
    if (manner == WITH_STDOUT_FULL)
        dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    if (manner == WITH_MANY_OPEN) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        for (int fd = 0; fd < DESCRIPTORS; fd++)
            if (fcntl(fd, F_GETFD) < 0)
                dup2(STDERR_FILENO, fd);
    }
    execv(words[0], words);
    _exit(127);
}

static void read_all(int fd, char *to, size_t room)
{
    size_t size = 0;
    ssize_t n;

    while ((n = read(fd, to + size, room - 1 - size)) > 0)
        size += (size_t)n;
    to[size] = '\0';
    close(fd);
}

/* Run a server with these words, parted by spaces; once it serves, end it. */
static struct result run(const char *server, const char *words, enum manner manner)
{
    char path[500], copy[200], *argv[WORDS] = { path };
    struct result r = { 0 };
    int out[2], err[2], count = 1, status;
    pid_t pid;
    ssize_t n;

    snprintf(path, sizeof path, "%s/%s", getenv("B"), server);
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok(copy, " "); w != NULL; w = strtok(NULL, " "))
        argv[count++] = w;
    if (pipe(out) < 0 || pipe(err) < 0 || (pid = fork()) < 0)
        abort();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        for (int i = 0; i < 2; i++) {
            close(out[i]);
            close(err[i]);
        }
        be_the_program(argv, manner);
    }
    close(out[1]);
    close(err[1]);
    /* The first line of one that serves is its banner. */
    n = read(out[0], r.out, sizeof r.out / 2);
    if (n > 0 && strstr(r.out, ": serving ") != NULL)
        kill(pid, SIGTERM);
    read_all(out[0], r.out + (n > 0 ? n : 0), sizeof r.out / 2);
    read_all(err[0], r.err, sizeof r.err);
    waitpid(pid, &status, 0);
    r.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return r;
}

static void check_run(struct test *t, const char *server, const char *words,
                      enum manner manner, int status, const char *said)
{
    struct result r = run(server, words, manner);

    test_check(t, r.status == status && strstr(r.err, said) != NULL,
               "%s %s: expected status %d and '%s', came %d and '%s'", server, words,
               status, said, r.status, r.err);
}

static void bad_usage(struct test *t)
{
    static const struct {
        const char *words, *said;
    } rows[] = {
        { "-x", "'-x'" }, { "--nonsense", "--nonsense" }, { "--p", "--p" },
        { "-p", "'-p'" }, { "--port", "--port" }, { "--verbose=1", "--verbose" },
        { "-p x", "'x'" }, { "-p 65536", "'65536'" }, { "-p -1", "'-1'" },
        { "-p 0x10", "'0x10'" }, { "-p 1 2", "'2'" }, { "1 2", "'2'" },
        { "99999999999999999999", "99999999999999999999" }, { "-s calculator", "calc" },
        { "-c 0", "'0'" }, { "-c 99999999999999999999", "99999999999999999999" }, { "-i x", "'x'" },
        { "-i .", "'.'" }, { "-i 1.2.3", "'1.2.3'" }, { "-i 1e3", "'1e3'" },
        { "-i -1", "'-1'" }, { "-i inf", "'inf'" }, { "-f 1000000001", "1000000001" },
        { "--read-size 0", "'0'" }, { "--read-size 65537", "'65537'" },
        { "--rcvbuf 0", "'0'" }, { "--sndbuf x", "'x'" },
        { "-l /nowhere/at/all", "/nowhere/at/all" },
        { "-l - -l /dev/null", "/dev/null" }
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_run(t, "poll_server", rows[i].words, PLAINLY, 2, rows[i].said);
}

/* Values at their limits are taken: the complaint is about the address. */
static void good_usage(struct test *t)
{
    static const char *const words[] = {
        "-b 192.0.2.1 -i 0 -f .5", "-b 192.0.2.1 -i 1000000000 -f 0.0000000001",
        "-b 192.0.2.1 -i 1. -c 2147483647 --read-size 65536",
        "-b 192.0.2.1 -vv --read-size 1 --rcvbuf 1 --sndbuf 2147483647 -s http",
        "--bind=192.0.2.1 --port=65535 --max-clients 1 --service echo"
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        check_run(t, "epoll_et_server", words[i], PLAINLY, 1, "listen on 192.0.2.1");
}

static void default_ports(struct test *t)
{
    for (int i = 0; i < 4; i++) {
        char said[80];

        sprintf(said, "%s: cannot listen on 192.0.2.1:%d: ", servers[i], 8081 + i);
        check_run(t, servers[i], "-b 192.0.2.1", PLAINLY, 1, said);
        sprintf(said, "%s: cannot listen on [2001:db8::1]:%d: ", servers[i], 8081 + i);
        check_run(t, servers[i], "-b 2001:db8::1", PLAINLY, 1, said);
    }
}

static void help_and_version(struct test *t)
{
    for (int i = 0; i < 4; i++) {
        struct result r = run(servers[i], "-h", PLAINLY);

        test_check(t, r.status == 0 && strstr(r.out, servers[i]) != NULL
                      && r.err[0] == '\0', "-h: %d, %s", r.status, r.out);
        r = run(servers[i], "--version", PLAINLY);
        test_check(t, r.status == 0 && strstr(r.out, servers[i]) == r.out,
                   "-V: %d, %s", r.status, r.out);
        check_run(t, servers[i], "-h", WITH_STDOUT_FULL, 1, "");
        check_run(t, servers[i], "-V", WITH_STDOUT_FULL, 1, "");
    }
}

static void ledger_at_exit(struct test *t)
{
    char path[] = "/tmp/unit_ledger_XXXXXX", words[80], json[2000], begin[80];
    int fd = mkstemp(path);

    close(fd);
    for (int i = 0; i < 4; i++) {
        struct result r = run(servers[i], "-p 0 -l -", PLAINLY);
        const char *line = strchr(r.out, '\n');

        sprintf(begin, "{\"server\":\"%s\",", servers[i]);
        test_check(t, r.status == 0 && line != NULL
                      && strncmp(line + 1, begin, strlen(begin)) == 0
                      && strstr(r.err, ": stopped after ") != NULL, "%d, %s%s",
                   r.status, r.out, r.err);
        sprintf(words, "-p 0 -l %s", path);
        check_run(t, servers[i], words, PLAINLY, 0, ": stopped after ");
        read_all(open(path, O_RDONLY), json, sizeof json);
        test_check(t, strncmp(json, begin, strlen(begin)) == 0, "the file: %s", json);
        check_run(t, servers[i], "-p 0 -l /dev/full", PLAINLY, 1,
                  "cannot write the ledger");
    }
    unlink(path);
}

/* Descriptors are scarce, or all of those that select can watch are taken. */
static void scarce_descriptors(struct test *t)
{
    struct rlimit limit;

    for (int i = 0; i < 4; i++) {
        check_run(t, servers[i], "-p 0", WITH_FEW_ALLOWED, 0, ": stopped after ");
        check_run(t, servers[i], "-p 0 -c 5", WITH_FEW_ALLOWED, 0, "serving 1 at a time");
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < DESCRIPTORS + 50) {
        printf("skip unit/program/many-open: needs %d descriptors, see ulimit -Hn\n",
               DESCRIPTORS + 50);
        return;
    }
    for (int i = 1; i < 4; i++)
        check_run(t, servers[i], "-p 0", WITH_MANY_OPEN, 0, ": stopped after ");
    check_run(t, "select_server", "-p 0", WITH_MANY_OPEN, 1, "too many open");
}

int main(void)
{
    static const struct test_case cases[] = {
        { "bad_usage", bad_usage },
        { "good_usage", good_usage },
        { "default_ports", default_ports },
        { "help_and_version", help_and_version },
        { "ledger_at_exit", ledger_at_exit },
        { "scarce_descriptors", scarce_descriptors },
        { NULL, NULL }
    };

    if (getenv("B") == NULL) {
        fputs("test_program: B must name the build directory\n", stderr);
        return 2;
    }
    return test_main("program", cases);
}
