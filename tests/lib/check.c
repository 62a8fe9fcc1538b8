#define _GNU_SOURCE
#include "check.h"

#include "brood.h"
#include "guard.h"
#include "witness.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_GROUPS = 16 };

/* Process-wide on purpose: one test, one process. */
static const char *test_name = "?";
static char test_about[200], test_note[600];
static bool test_failed;

/* The process groups of this test, in memory that it shares with its watcher. */
static pid_t *groups;
static pid_t body;

static void print_line(const char *verdict, const char *reason)
{
    const char *note = *verdict == 'F' ? test_note : "";
    char line[4000];
    int n = snprintf(line, sizeof line - 1, "%s %s%s%s%s%s", verdict, test_name,
                     *reason ? ": " : "", reason, *note ? "\n    " : "", note);
    size_t len = n < (int)sizeof line - 1 ? (size_t)n : sizeof line - 2;

    line[len++] = '\n';
    if (write(STDOUT_FILENO, line, len) < 0) {
        fprintf(stderr, "%s: stdout cannot be written: %s\n", test_name, strerror(errno));
        _exit(CHECK_FAIL);
    }
}

static void run_body(void (*run)(void *), void *argument)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    run(argument);
    print_line("ok", "");
    exit(CHECK_OK);
}

static void kill_groups(void)
{
    for (int i = 0; i < MOST_GROUPS; i++)
        if (groups[i] > 0)
            kill(-groups[i], SIGKILL);
}

/* Ctrl-C, or the end of the process that started the test. */
static void break_off(int sig)
{
    if (body > 0)
        kill(body, SIGKILL);
    kill_groups();
    brood_end(SIGKILL);
    _exit(128 + sig);
}

static void wake(int sig)
{
    (void)sig;
}

/* Seconds that the body and what it started have stood in line for a processor. */
static double stood_in_line(void)
{
    double sum = witness_in_line(body);

    for (int i = 0; i < MOST_GROUPS; i++)
        if (groups[i] > 0)
            sum += witness_in_line(groups[i]);
    return sum;
}

/* A test that hangs sleeps. One that gets on slowly, beside other work, stands in line: it
 * is given the same time again, five times. */
static int watch_body(unsigned seconds)
{
    struct sigaction act = { .sa_handler = wake };
    unsigned given = 1;
    bool late = false;
    char reason[200];
    int status;

    sigaction(SIGALRM, &act, NULL);
    alarm(seconds);
    while (waitpid(body, &status, 0) < 0 && errno == EINTR) {
        if (given > 5 || stood_in_line() < 0.1 * given * seconds) {
            late = true;
            kill(body, SIGKILL);
        } else {
            given++;
            alarm(seconds);
        }
    }
    alarm(0);
    kill_groups();
    brood_end(SIGKILL);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (late)
        snprintf(reason, sizeof reason, "still running after %u s", given * seconds);
    else
        snprintf(reason, sizeof reason, "the test itself died of signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    print_line("FAIL", reason);
    return CHECK_FAIL;
}

/* The body's parent, which waits for it, tells how it died and ends what it started. */
static _Noreturn void watch(pid_t parent, unsigned seconds, void (*run)(void *),
                            void *argument)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGTERM };

    groups = mmap(NULL, MOST_GROUPS * sizeof *groups, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (groups == MAP_FAILED) {
        perror("check: mmap");
        _exit(CHECK_FAIL);
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], break_off);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(CHECK_FAIL);
    brood_adopt();
    if ((body = fork()) == 0) {
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
            signal(signals[i], SIG_DFL);
        run_body(run, argument);
    }
    _exit(watch_body(seconds));
}

pid_t check_start(const char *name, unsigned seconds, void (*run)(void *),
                  void *argument)
{
    pid_t parent = getpid(), pid;
    sigset_t none;

    guard_seconds(); /* refuses a TEST_GUARD that is no number */
    signal(SIGCHLD, SIG_DFL);
    brood_tidy(SIGTERM, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fflush(NULL);
    if ((pid = fork()) < 0) {
        perror("check: fork");
        exit(1);
    }
    if (pid == 0) {
        test_name = name;
        watch(parent, seconds, run, argument);
    }
    return pid;
}

enum check_verdict check_reap_which(pid_t *which)
{
    int status;

    while ((*which = wait(&status)) < 0)
        if (errno != EINTR)
            return CHECK_FAIL;
    if (!WIFEXITED(status))
        return CHECK_FAIL;
    return WEXITSTATUS(status) == CHECK_OK     ? CHECK_OK
           : WEXITSTATUS(status) == CHECK_SKIP ? CHECK_SKIP
                                               : CHECK_FAIL;
}

enum check_verdict check_reap(void)
{
    pid_t any;

    return check_reap_which(&any);
}

void check_owns(pid_t group)
{
    for (int i = 0; groups && i < MOST_GROUPS; i++)
        if (groups[i] == 0) {
            groups[i] = group;
            return;
        }
}

void check_killed(pid_t group)
{
    kill(-group, SIGKILL);
    for (int i = 0; groups && i < MOST_GROUPS; i++)
        if (groups[i] == group)
            groups[i] = 0;
}

static _Noreturn void end_test(const char *verdict, int status, const char *format,
                               va_list arguments)
{
    char reason[3000];
    int n = snprintf(reason, sizeof reason, "%s", test_about);

    vsnprintf(reason + n, sizeof reason - (size_t)n, format, arguments);
    for (char *end; (end = strchr(reason, '\n'));)
        *end = '|'; /* what a server wrote, maybe: a verdict is one line */
    print_line(verdict, reason);
    exit(status);
}

void check_about(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(test_about, sizeof test_about, format, arguments);
    va_end(arguments);
}

void check_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(test_note, sizeof test_note, format, arguments);
    va_end(arguments);
}

void check_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    test_failed = true;
    end_test("FAIL", CHECK_FAIL, format, arguments);
}

void check_skip(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    end_test("skip", CHECK_SKIP, format, arguments);
}

void check(bool holds, const char *format, ...)
{
    va_list arguments;

    if (holds)
        return;
    va_start(arguments, format);
    test_failed = true;
    end_test("FAIL", CHECK_FAIL, format, arguments);
}

bool check_failed(void)
{
    return test_failed;
}

void check_bytes(const char *what, const void *want, size_t want_len, const void *got,
                 size_t got_len)
{
    const char *w = want, *g = got;
    char want_shown[CHECK_SHOWN], got_shown[CHECK_SHOWN];
    size_t at = 0, from;

    while (at < want_len && at < got_len && w[at] == g[at])
        at++;
    if (at == want_len && at == got_len)
        return;
    from = at < 24 ? 0 : at - 24;
    check_fail("%s: expected %zu bytes, got %zu; they part at byte %zu; from byte %zu: "
               "expected %s, got %s",
               what, want_len, got_len, at, from,
               check_escape(want_shown, w + from, want_len - from),
               check_escape(got_shown, g + from, got_len - from));
}

char *check_escape(char shown[CHECK_SHOWN], const void *bytes, size_t len)
{
    static const char named[] = "\n\r\t\\\"", letters[] = "nrt\\\"";
    const unsigned char *b = bytes;
    size_t i, n = 0;

    shown[n++] = '"';
    for (i = 0; i < len && i < 80; i++) {
        const char *letter = b[i] ? strchr(named, b[i]) : NULL;

        if (letter) {
            shown[n++] = '\\';
            shown[n++] = letters[letter - named];
        } else if (b[i] >= 0x20 && b[i] < 0x7f) {
            shown[n++] = (char)b[i];
        } else {
            n += (size_t)sprintf(shown + n, "\\x%02x", b[i]);
        }
    }
    shown[n++] = '"';
    strcpy(shown + n, i < len ? "..." : "");
    return shown;
}
