/* scenarios - puts the questions of tests/scenarios/ to any server command.
 *
 *     $ build/tests/scenarios --only frames/sum build/poll_server
 *     ok scenarios/poll_server/start
 *     ok scenarios/poll_server/frames/sum
 *     ok scenarios/poll_server/end
 *
 *     $ build/tests/scenarios ./my_server {port}       (all of them, and a sum by group)
 *
 * `start` comes first: a server that cannot start is asked nothing. `end` is what the
 * server made of SIGTERM after each of the others.
 *
 * Exit: 0 when all is well, 1 after a FAIL, 2 after bad usage. */
#define _GNU_SOURCE
#include "scenario.h"

#include "../lib/command.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LAST_GUARD = 60, MOST_NAMES = 64 };

static const struct scenario *const *const groups[] = {
    frames_scenarios,      segmentation_scenarios, bad_frames_scenarios,
    endings_scenarios,     full_house_scenarios,   clocks_scenarios,
    backpressure_scenarios, stopping_scenarios,    signals_scenarios,
    descriptors_scenarios, resets_scenarios,       crowd_scenarios,
    command_line_scenarios, echo_scenarios,        NULL
};

struct choice {
    const char *names[MOST_NAMES], *services[MOST_NAMES];
    int name_count, service_count;
    long at_once;
    bool list, quiet;
};

/* One scenario of the run. The test's own process writes into it, so it is shared. */
struct job {
    const struct scenario *scenario;
    char *const *command;
    pid_t pid;
    enum check_verdict verdict;
    bool ended;     /* its server got SIGTERM from us */
    char wrong[200]; /* with the end; "" = nothing */
};

static struct job *jobs;
static int job_count;
static struct job *mine; /* in the process of a test */

static const char usage[] =
    "usage: scenarios [options] SERVER-COMMAND [ARG...]\n"
    "Starts the server anew for each scenario and judges it by its replies.\n"
    "`{port}` in the command becomes a free port; without it, `-p 0` is added.\n"
    "\n"
    "  -s, --service NAME  scenarios of this service: calc, echo; again for more\n"
    "  -o, --only NAME     this scenario, or a group (`clocks/`); again for more\n"
    "  -j, --jobs N        that many at a time (2)\n"
    "  -q, --quiet         no sum by group\n"
    "  -l, --list          name them, run nothing\n"
    "  -h, --help          this text\n"
    "TEST_GUARD=SECONDS in the environment: how long a wait may take (10).\n";

static bool is_named(const char *name, const struct scenario *s)
{
    size_t len = strlen(name);

    return !strcmp(name, s->name)
           || (len > 0 && name[len - 1] == '/' && !strncmp(name, s->name, len));
}

static bool is_of(const char *service, const struct scenario *s)
{
    return !strcmp(service, s->service) || !strcmp(s->service, "any");
}

/* The choice by name and by service, each of which has to choose something. */
static void choose(const struct choice *c, char *const command[])
{
    bool name_used[MOST_NAMES] = { false }, service_used[MOST_NAMES] = { false };
    size_t all = 0;

    for (int g = 0; groups[g]; g++)
        for (int i = 0; groups[g][i]; i++)
            all++;
    jobs = mmap(NULL, all * sizeof *jobs, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs == MAP_FAILED)
        command_refuse("no memory");
    for (int g = 0; groups[g]; g++)
        for (int i = 0; groups[g][i]; i++) {
            const struct scenario *s = groups[g][i];
            bool named = c->name_count == 0, served = c->service_count == 0;

            for (int n = 0; n < c->name_count; n++)
                if (is_named(c->names[n], s))
                    named = name_used[n] = true;
            for (int n = 0; n < c->service_count; n++) {
                served = served || is_of(c->services[n], s);
                service_used[n] |= !strcmp(c->services[n], s->service);
            }
            if (named && served)
                jobs[job_count++] = (struct job){ .scenario = s, .command = command };
        }
    for (int n = 0; n < c->name_count; n++)
        if (!name_used[n])
            command_refuse("--list shows all scenarios, and none is called %s", c->names[n]);
    for (int n = 0; n < c->service_count; n++)
        if (!service_used[n])
            command_refuse("no scenario is about the service %s", c->services[n]);
    if (job_count == 0)
        command_refuse("no scenario has both that name and that service");
}

void scenario_end(struct server *s)
{
    const char *wrong = server_end(s);

    mine->ended = true;
    if (wrong && !mine->wrong[0])
        snprintf(mine->wrong, sizeof mine->wrong, "%s", wrong);
}

static void run_scenario(void *argument)
{
    struct server s = { .pid = 0 };

    mine = argument;
    s.command = mine->command;
    if (mine->scenario->options)
        server_start(&s, mine->command, mine->scenario->options);
    mine->scenario->run(&s);
    if (s.pid > 0)
        scenario_end(&s);
}

/* "scenarios/SERVER/name": the next call overwrites it. */
static const char *full_name(char *const command[], const char *name)
{
    const char *slash = strrchr(command[0], '/');
    static char full[200];

    snprintf(full, sizeof full, "scenarios/%s/%s", slash ? slash + 1 : command[0], name);
    return full;
}

static unsigned last_guard(void)
{
    double longest = 6 * guard_seconds();

    return longest < (double)LAST_GUARD ? LAST_GUARD
           : longest > 1e6              ? 1000000
                                        : (unsigned)longest;
}

static void reap(void)
{
    pid_t which;
    enum check_verdict verdict = check_reap_which(&which);

    for (int i = 0; i < job_count; i++)
        if (jobs[i].pid == which)
            jobs[i].verdict = verdict;
}

static void run_all(long at_once)
{
    long running = 0;

    for (int i = 0; i < job_count; i++) {
        if (running == at_once) {
            reap();
            running--;
        }
        check_note("asks: %s", jobs[i].scenario->question);
        jobs[i].pid = check_start(full_name(jobs[i].command, jobs[i].scenario->name),
                                  last_guard(), run_scenario, &jobs[i]);
        running++;
    }
    for (; running > 0; running--)
        reap();
}

/* Can it start at all? */
static void try_start(void *argument)
{
    struct server s;

    server_start(&s, argument, "");
}

static bool starts(char *const command[])
{
    check_note("asks: Does the server print \"NAME: serving SERVICE on ADDR:PORT\"?");
    check_start(full_name(command, "start"), last_guard(), try_start, (void *)command);
    if (check_reap() == CHECK_OK)
        return true;
    printf("The scenarios were not run: a server that cannot start fails them all.\n");
    return false;
}

/* The ends of all, as one line. */
static bool judge_ends(char *const command[])
{
    const struct job *first = NULL;
    int ended = 0, wrong = 0;

    for (int i = 0; i < job_count; i++) {
        ended += jobs[i].ended;
        if (jobs[i].wrong[0] && wrong++ == 0)
            first = &jobs[i];
    }
    if (!first) {
        if (ended > 0)
            printf("ok %s\n", full_name(command, "end"));
        return true;
    }
    printf("FAIL %s: on SIGTERM the server has to end with exit 0; after %d of %d "
           "scenarios it did not, first after %s: %s\n",
           full_name(command, "end"), wrong, ended, first->scenario->name, first->wrong);
    return false;
}

/* A row a group; of the first that failed, how to run it alone. */
static void print_sum(char *const command[])
{
    const char *failed_first = NULL;
    int sums[3] = { 0 }, all[3] = { 0 };

    puts("");
    for (int i = 0; i < job_count; i++) {
        const char *name = jobs[i].scenario->name;
        size_t len = strcspn(name, "/") + 1;
        int which = jobs[i].verdict == CHECK_OK ? 0 : jobs[i].verdict == CHECK_SKIP ? 2 : 1;

        sums[which]++;
        all[which]++;
        if (which == 1 && !failed_first)
            failed_first = name;
        if (i + 1 < job_count && !strncmp(name, jobs[i + 1].scenario->name, len))
            continue;
        printf("%-16.*s %3d of %d", (int)len, name, sums[0], sums[0] + sums[1] + sums[2]);
        if (sums[2] > 0)
            printf(", %d skipped", sums[2]);
        puts("");
        memset(sums, 0, sizeof sums);
    }
    printf("%-16s %3d of %d\n", "all", all[0], job_count);
    if (failed_first)
        printf("One alone: build/tests/scenarios --only %s %s ...\n", failed_first,
               command[0]);
}

static void list_all(void)
{
    for (int i = 0; i < job_count; i++)
        printf("%-32s %-4s %s\n", jobs[i].scenario->name, jobs[i].scenario->service,
               jobs[i].scenario->question);
}

/* Returns the index of the command's first word. */
static int parse_options(struct choice *c, int argc, char *argv[])
{
    static const struct option names[] = { { "service", required_argument, NULL, 's' },
                                           { "only", required_argument, NULL, 'o' },
                                           { "jobs", required_argument, NULL, 'j' },
                                           { "quiet", no_argument, NULL, 'q' },
                                           { "list", no_argument, NULL, 'l' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int letter;

    /* "+": the server's own options are not ours. */
    while ((letter = getopt_long(argc, argv, "+s:o:j:qlh", names, NULL)) != -1) {
        if (c->name_count == MOST_NAMES || c->service_count == MOST_NAMES)
            command_refuse("too many names");
        if (letter == 's') {
            c->services[c->service_count++] = optarg;
        } else if (letter == 'o') {
            c->names[c->name_count++] = optarg;
        } else if (letter == 'j') {
            c->at_once = (long)command_whole("--jobs", optarg, 1, 1000);
        } else if (letter == 'q') {
            c->quiet = true;
        } else if (letter == 'l') {
            c->list = true;
        } else if (letter == 'h') {
            fputs(usage, stdout);
            exit(command_end(0));
        } else {
            exit(2); /* getopt has named the bad option */
        }
    }
    return optind;
}

int main(int argc, char *argv[])
{
    struct choice c = { .at_once = 2 };
    char *const *command;
    bool ended_well = true, failed = false;

    command_begin();
    command = argv + parse_options(&c, argc, argv);
    for (int fd = 3; fd < 1024; fd++) /* what our own parent left open is no server's */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!*command && !c.list)
        command_refuse("no server command given");
    choose(&c, command);
    if (c.list) {
        list_all();
    } else if ((failed = !starts(command)) == false) {
        run_all(c.at_once);
        ended_well = judge_ends(command);
        if (!c.quiet && job_count > 1)
            print_sum(command);
    }
    for (int i = 0; i < job_count; i++)
        failed |= jobs[i].verdict == CHECK_FAIL;
    return command_end(failed || !ended_well);
}
