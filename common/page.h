/* page - the web page of the http service: which server this is, and its ledger. */
#ifndef MUXLAB_PAGE_H
#define MUXLAB_PAGE_H

#include <stddef.h>

#include "ledger.h"

enum { PAGE_MAX = 2048 + LEDGER_TEXT_MAX };

/* Write the page, at most PAGE_MAX bytes of HTML.  Returns its length. */
size_t page_write(char *to, const struct ledger *l);

#endif
