#include "html.h"

#include <string.h>

void html_text(FILE *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        switch (text[i]) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\r': fputs("\\r", out); break;
        case '\n': fputs("\\n", out); break;
        default: putc(text[i], out); break;
        }
}

void html_string(FILE *out, const char *text)
{
    html_text(out, text, strlen(text));
}
