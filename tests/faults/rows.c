/* rows - puts the questions of rows_*.c to a server command.
 *
 *     rows [-o NAME]... COMMAND...
 *
 *     $ build/tests/rows -o short-io build/poll_server
 *     ok faults/poll_server/short-io
 *
 * Exit: 0 when all is well, 1 after a FAIL, 2 after bad usage. CHURN in the environment
 * is the number of connections of the row `churn`.
 */
#define _GNU_SOURCE
#include "rows.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LAST_GUARD = 600, AT_ONCE = 4, MOST_NAMES = 16 };

static const struct row *const groups[] = {
    kernel_rows, crowd_rows, badclient_rows, NULL
};

struct job {
    const struct row *row;
    char *const *command;
};

static void run_row(void *argument)
{
    const struct job *job = argument;

    job->row->run(job->command);
}

static int is_chosen(const char *const names[], int count, const char *name)
{
    int i = 0;

    while (i < count && strncmp(names[i], name, strlen(names[i])) != 0)
        i++;
    return count == 0 || i < count;
}

int main(int argc, char **argv)
{
    const char *names[MOST_NAMES], *slash, *server;
    int option, count = 0, running = 0, run = 0, failed = 0;

    while ((option = getopt(argc, argv, "+o:")) == 'o' && count < MOST_NAMES)
        names[count++] = optarg;
    if (option != -1 || optind == argc) {
        fputs("usage: rows [-o NAME]... COMMAND...\n", stderr);
        return 2;
    }
    behind_find(argv[0]);
    slash = strrchr(argv[optind], '/');
    server = slash ? slash + 1 : argv[optind];
    for (int g = 0; groups[g]; g++)
        for (const struct row *row = groups[g]; row->name; row++) {
            struct job job = { row, argv + optind };
            char name[200];

            if (!is_chosen(names, count, row->name))
                continue;
            if (running == AT_ONCE) {
                failed += check_reap() == CHECK_FAIL;
                running--;
            }
            snprintf(name, sizeof name, "faults/%s/%s", server, row->name);
            check_start(name, LAST_GUARD, run_row, &job);
            running++;
            run++;
        }
    while (running-- > 0)
        failed += check_reap() == CHECK_FAIL;
    if (run == 0)
        fputs("rows: no row of that name\n", stderr);
    return run == 0 ? 2 : failed > 0;
}
