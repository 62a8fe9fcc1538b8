#define _GNU_SOURCE
#include "report.h"

#include <poll.h>
#include <stdarg.h>
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

void report_text(const char *text, size_t size)
{
    static unsigned long lost;    /* of the process: it has one stderr */

    if (!has_room()) {
        lost++;
    } else if (lost > 0) {
        unsigned long number = lost;

        lost = 0;
        report_line("stderr", "%lu texts were lost, as nobody read them", number);
        report_text(text, size);
    } else if (write(STDERR_FILENO, text, size) < 0) {
        /* There is no other place to say that nothing can be said. */
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
