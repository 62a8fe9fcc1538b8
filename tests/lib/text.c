#include "text.h"

static void put_html(FILE *out, char c)
{
    switch (c) {
    case '&': fputs("&amp;", out); break;
    case '<': fputs("&lt;", out); break;
    case '>': fputs("&gt;", out); break;
    case '"': fputs("&quot;", out); break;
    default: putc(c, out);
    }
}

void html_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        put_html(out, *text);
}

void html_bytes(FILE *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '\r' || bytes[i] == '\n')
            fputs(bytes[i] == '\r' ? "\\r" : "\\n", out);
        else
            put_html(out, bytes[i]);
}

void json_string(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            putc(*text, out);
    putc('"', out);
}

void asset_write(FILE *out, const char *const lines[])
{
    for (int i = 0; lines[i] != NULL; i++)
        fputs(lines[i], out);
}
