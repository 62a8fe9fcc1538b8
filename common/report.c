#define _GNU_SOURCE
#include "report.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* ppoll and not poll, so that strace shows the waits of poll_server apart from this. */
static bool has_room(void)
{
    struct pollfd slot = { .fd = STDERR_FILENO, .events = POLLOUT };
    const struct timespec at_once = { 0, 0 };

    return ppoll(&slot, 1, &at_once, NULL) == 1 && (slot.revents & POLLOUT);
}

/* A pipe that is ready has room for a text (pipe(7): PIPE_BUF).  A terminal may have room for
 * one byte.  So it is opened anew: O_NONBLOCK on our descriptor would be set for all processes
 * that have the terminal from the same parent. */
static ssize_t write_now(const char *text, size_t size)
{
    int fd = !isatty(STDERR_FILENO) ? -1
             : open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t n = write(fd >= 0 ? fd : STDERR_FILENO, text, size);

    if (fd >= 0)
        close(fd);
    return n;
}

void report_text(const char *text, size_t size)
{
    static atomic_ulong lost;    /* of the process: its threads have one stderr */
    unsigned long number;

    if (!has_room()) {
        atomic_fetch_add(&lost, 1);
        return;
    }
    number = atomic_exchange(&lost, 0);
    if (number > 0)
        report_line("stderr", "%lu texts were lost, as nobody read them", number);
    if (write_now(text, size) < 0) {
        /* There is no other place to report that stderr cannot be written. */
    }
}

void report_line(const char *program, const char *format, ...)
{
    char line[REPORT_MAX];
    va_list arguments;
    int n = snprintf(line, sizeof line, "%s: ", program);

    va_start(arguments, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, arguments);
    va_end(arguments);
    if ((size_t)n > sizeof line - 2)
        n = (int)sizeof line - 2;
    line[n++] = '\n';
    report_text(line, (size_t)n);
}
