/* text - what programs write for programs: pages, pictures, JSON. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Text with & < > " made harmless for HTML and SVG, between tags or in an attribute. Of the
 * bytes of html_bytes, CR and LF are shown as \r and \n. */
void html_text(FILE *out, const char *text);
void html_bytes(FILE *out, const char *bytes, size_t size);

/* A string of JSON, in its quotes. */
void json_string(FILE *out, const char *text);

/* A file that the build has turned into lines (build.mk): tests/x/page.css is asset_page_css,
 * which a user declares. */
void asset_write(FILE *out, const char *const lines[]);

#endif
