#include "page.h"

#include <stdio.h>

size_t page_write(char *to, const struct ledger *l)
{
    int n = sprintf(to,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n"
        "<style>\n:root { color-scheme: light dark }\n"
        "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem;"
        " margin: 2rem auto; padding: 0 1rem }\npre { overflow-x: auto }\n</style>\n"
        "<h1>%s</h1>\n"
        "<p>This page came to you through <strong>%s</strong>. Reload it and see what"
        " the visit cost; a program reads <a href=\"/ledger.json\">ledger.json</a>.\n"
        "<pre>\n", l->server, l->server, l->mechanism);

    n += (int)ledger_table(l, to + n);
    n += sprintf(to + n, "</pre>\n</html>\n");
    return (size_t)n;
}
