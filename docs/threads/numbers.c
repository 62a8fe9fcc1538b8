#define _GNU_SOURCE
#include "numbers.h"

#include <stddef.h>
#include <string.h>

#include "../../common/options.h"

/* Is the word this option, alone ("--threads") or with its value ("--threads=2")? */
static struct number *find(struct number *own, const char *word)
{
    for (; own->name != NULL; own++)
        if (strncmp(word, own->name, strlen(own->name)) == 0
            && strchr("=", word[strlen(own->name)]) != NULL)
            return own;
    return NULL;
}

void numbers_take(struct number *own, const char *program, int *argc, char **argv)
{
    const struct options o = { .program = program };
    int kept = 1, i = 1;

    while (i < *argc && strcmp(argv[i], "--") != 0) {
        struct number *n = find(own, argv[i]);
        const char *value;

        if (n == NULL) {
            argv[kept++] = argv[i++];
            continue;
        }
        value = strchr(argv[i++], '=');
        if (value != NULL)
            value++;
        else
            value = i < *argc ? argv[i++] : "";
        n->value = options_number(&o, n->name, value, n->least, n->most);
    }
    while (i <= *argc)      /* with the NULL at the end */
        argv[kept++] = argv[i++];
    *argc = kept - 1;
}
