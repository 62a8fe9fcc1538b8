/* html - the page's text, escaped. */
#ifndef HTML_H
#define HTML_H

#include <stdio.h>

/* Text between tags, or in an attribute. Control characters are shown as \n and so on. */
void html_text(FILE *out, const char *text, size_t size);
void html_string(FILE *out, const char *text);

#endif
