#include "figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct figure_words figure_words[FIGURES] = {
    { "requests a second", "while it has the load", "req/s", "requests_per_second" },
    { "µs of processor a request", "of the server; less is better", "us/req",
      "cpu_us_per_request" },
    { "ready descriptors a wait", "what one call reports", "ready/wait", "ready_per_wait" },
    { "slots scanned a request", "looked at to find the ready", "slots/req",
      "scanned_per_request" },
    { "kernel bytes a request", "copied to ask and to be told", "bytes/req",
      "kernel_bytes_per_request" },
    { "waits a request", "calls of the mechanism", "waits/req", "waits_per_request" },
    { "memory, KiB", "of the server's process", "KiB", "memory_kib" },
};

void tally_add(struct tally *sum, const struct tally *t)
{
    sum->has_books = t->has_books && (sum->has_books || sum->seconds <= 0);
    sum->seconds += t->seconds;
    sum->cpu += t->cpu;
    sum->requests += t->requests;
    sum->memory_kib = t->memory_kib;
    sum->books.waits += t->books.waits;
    sum->books.ready += t->books.ready;
    sum->books.scanned += t->books.scanned;
    sum->books.kernel_bytes += t->books.kernel_bytes;
}

double tally_figure(const struct tally *t, enum figure f)
{
    if (t->seconds <= 0 || t->requests <= 0)
        return NAN;
    if (f != REQUESTS && f != PROCESSOR && f != MEMORY && (!t->has_books || t->books.waits <= 0))
        return NAN;
    switch (f) {
    case REQUESTS: return t->requests / t->seconds;
    case PROCESSOR: return t->cpu / t->requests * 1e6;
    case READY: return t->books.ready / t->books.waits;
    case SCANNED: return t->books.scanned / t->requests;
    case BYTES: return t->books.kernel_bytes / t->requests;
    case WAITS: return t->books.waits / t->requests;
    case MEMORY: return t->memory_kib > 0 ? t->memory_kib : NAN;
    case FIGURES: break;
    }
    return NAN;
}

void count_text(char text[FIGURE_TEXT], int count)
{
    char digits[FIGURE_TEXT];
    size_t n, at = 0;

    snprintf(digits, sizeof digits, "%d", count);
    n = strlen(digits);
    for (size_t i = 0; i < n; i++) {
        text[at++] = digits[i];
        if ((n - i - 1) % 3 == 0 && i + 1 < n)
            text[at++] = ',';
    }
    text[at] = '\0';
}

void figure_text(char text[FIGURE_TEXT], double figure)
{
    if (isnan(figure))
        strcpy(text, "-");
    else if (figure < 999.5)
        snprintf(text, FIGURE_TEXT, "%.*f", figure < 0.0995 ? 4 : figure < 9.995 ? 2
                 : figure < 99.95 ? 1 : 0, figure);
    else
        count_text(text, figure < 2e9 ? (int)(figure + 0.5) : 2000000000);
}
