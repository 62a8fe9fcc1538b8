/* scenarios - puts the questions of tests/scenarios/ to any server command.

       $ build/tests/scenarios --only frames/sum build/poll_server
       ok scenarios/poll_server/frames/sum

       $ build/tests/scenarios ./my_server {port}       (all of them)

   Exit: 0 when all is well, 1 after a FAIL, 2 after bad usage. */
#define _GNU_SOURCE
#include "scenario.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_GUARD = 60, MOST_NAMES = 64 };

static const struct scenario *const groups[] = {
    frames_scenarios,      segmentation_scenarios, bad_frames_scenarios,
    endings_scenarios,     full_house_scenarios,   clocks_scenarios,
    backpressure_scenarios, stopping_scenarios,    signals_scenarios,
    descriptors_scenarios, resets_scenarios,       crowd_scenarios,
    command_line_scenarios, echo_scenarios,        NULL
};

struct choice {
    const char *names[MOST_NAMES], *services[MOST_NAMES];
    int name_count, service_count, at_once;
    bool list;
};

struct job {
    const struct scenario *scenario;
    char *const *command;
};

static const char usage[] =
    "usage: scenarios [options] SERVER-COMMAND [ARG...]\n"
    "Starts the server anew for each scenario and judges it by its replies.\n"
    "`{port}` in the command becomes a free port; without it, `-p 0` is added.\n"
    "\n"
    "  -s, --service NAME  scenarios of this service: calc, echo; again for more\n"
    "  -o, --only NAME     this scenario, or a group (`clocks/`); again for more\n"
    "  -j, --jobs N        that many at a time (2)\n"
    "  -l, --list          name them, run nothing\n"
    "  -h, --help          this text\n";

static bool is_chosen(const struct choice *c, const struct scenario *s)
{
    bool named = c->name_count == 0, served = c->service_count == 0;

    for (int i = 0; i < c->name_count; i++) {
        size_t len = strlen(c->names[i]);
        bool group = len > 0 && c->names[i][len - 1] == '/';

        named = named || !strcmp(c->names[i], s->name) ||
                (group && !strncmp(c->names[i], s->name, len));
    }
    for (int i = 0; i < c->service_count; i++)
        served = served || !strcmp(c->services[i], s->service);
    return named && (served || !strcmp(s->service, "any"));
}

static void run_scenario(void *argument)
{
    const struct job *job = argument;

    job->scenario->run(job->command);
}

/* Starts one; `name` stays in use in the child only, which has its own copy. */
static void start(const struct scenario *s, char *const command[])
{
    const char *slash = strrchr(command[0], '/');
    struct job job = { s, command };
    char name[200];

    snprintf(name, sizeof name, "scenarios/%s/%s", slash ? slash + 1 : command[0],
             s->name);
    check_start(name, LAST_GUARD, run_scenario, &job);
}

/* Returns how many were run, or -1 after a FAIL. */
static int run_all(const struct choice *c, char *const command[])
{
    int running = 0, count = 0;
    bool failed = false;

    for (int g = 0; groups[g]; g++)
        for (const struct scenario *s = groups[g]; s->name; s++) {
            if (!is_chosen(c, s))
                continue;
            count++;
            if (c->list) {
                printf("%-32s %s\n", s->name, s->service);
                continue;
            }
            if (running == c->at_once) {
                failed |= check_reap() == CHECK_FAIL;
                running--;
            }
            start(s, command);
            running++;
        }
    for (; running > 0; running--)
        failed |= check_reap() == CHECK_FAIL;
    return failed ? -1 : count;
}

static void refuse(const char *reason)
{
    fprintf(stderr, "scenarios: %s; scenarios -h tells the usage\n", reason);
    exit(2);
}

/* Returns the index of the command's first word. */
static int parse_options(struct choice *c, int argc, char *argv[])
{
    static const struct option names[] = { { "service", required_argument, NULL, 's' },
                                           { "only", required_argument, NULL, 'o' },
                                           { "jobs", required_argument, NULL, 'j' },
                                           { "list", no_argument, NULL, 'l' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int letter;

    /* "+": the server's own options are not ours. */
    while ((letter = getopt_long(argc, argv, "+s:o:j:lh", names, NULL)) != -1) {
        if (c->name_count == MOST_NAMES || c->service_count == MOST_NAMES)
            refuse("too many names");
        if (letter == 's')
            c->services[c->service_count++] = optarg;
        else if (letter == 'o')
            c->names[c->name_count++] = optarg;
        else if (letter == 'j')
            c->at_once = atoi(optarg);
        else if (letter == 'l')
            c->list = true;
        else if (letter == 'h')
            exit(fputs(usage, stdout) < 0);
        else
            exit(2); /* getopt has named the bad option */
    }
    return optind;
}

int main(int argc, char *argv[])
{
    struct choice c = { .at_once = 2 };
    int command = parse_options(&c, argc, argv), count;

    for (int fd = 3; fd < 1024; fd++) /* what our own parent left open is no server's */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (c.at_once < 1)
        refuse("--jobs wants a number from 1");
    if (command == argc && !c.list)
        refuse("no server command given");
    count = run_all(&c, argv + command);
    if (count == 0)
        refuse("no scenario of that name and service; --list shows them");
    return count < 0;
}
