#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void expect(bool holds, const char *format, ...)
{
    va_list arguments;

    if (holds)
        return;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}
