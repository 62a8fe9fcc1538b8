/*
 * assets: the style sheets and the script of the page. They are files of their own
 * beside this one; the build turns each line into a string (build.mk).
 */
#ifndef COMPARE_ASSETS_H
#define COMPARE_ASSETS_H

#include <stdio.h>

/* Lines, each with its newline; NULL ends them. */
extern const char *const asset_chart_css[], *const asset_page_css[],
    *const asset_page_js[];

void asset_write(FILE *out, const char *const lines[]);

#endif
