#define _GNU_SOURCE
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void on_large_file(int sig)
{
    (void)sig; /* the write says EFBIG */
}

void command_begin(void)
{
    struct sigaction action = { .sa_handler = on_large_file }, before;

    /* Each gets the lowest number that is free. stdout is for reading only: a write fails. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0
            && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
            exit(1);
    /* A handler, and not SIG_IGN, which a server would inherit. */
    if (sigaction(SIGXFSZ, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
        sigaction(SIGXFSZ, &action, NULL);
}

int command_end(int status)
{
    if (ferror(stdout))
        putchar('\n'); /* an earlier write has failed: this one says why */
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "%s: stdout cannot be written%s%s\n", program_invocation_short_name,
            errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return 1;
}

void command_refuse(const char *format, ...)
{
    const char *name = program_invocation_short_name;
    va_list arguments;

    fprintf(stderr, "%s: ", name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; %s -h tells the usage\n", name);
    exit(2);
}

double command_number(const char *option, const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= least && value <= most))
        command_refuse("%s %s: say a number from %g to %.10g", option, text, least, most);
    return value;
}

long long command_whole(const char *option, const char *text, long long least,
                        long long most)
{
    double value = command_number(option, text, (double)least, (double)most);

    if (value != (double)(long long)value)
        command_refuse("%s %s: say a whole number", option, text);
    return (long long)value;
}

long command_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 1000000 ? 1000000 : (long)limit.rlim_cur;
}

void command_folder(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);

    if (n < 0)
        command_refuse("cannot tell where its own program lies: %s", strerror(errno));
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
}
