#include "assets.h"

const char *const asset_chart_css[] = {
#include "chart.css.inc"
    NULL
};

const char *const asset_page_css[] = {
#include "page.css.inc"
    NULL
};

const char *const asset_page_js[] = {
#include "page.js.inc"
    NULL
};

void asset_write(FILE *out, const char *const lines[])
{
    for (int i = 0; lines[i] != NULL; i++)
        fputs(lines[i], out);
}
