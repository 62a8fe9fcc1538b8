#define _GNU_SOURCE
#include "compare_options.h"

#include "../lib/command.h"
#include "process.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
"Usage: compare [options]\n"
"Measure what waiting costs in the four servers (and others), and write a report.\n"
"\n"
"  --quick             fewer points and shorter runs: under 40 s, not 3 minutes\n"
"  --only N,M,...      these experiments only: 1 idle clients, 2 all active,\n"
"                      3 half load, 4 one high descriptor, 5 the bill, 6 churn,\n"
"                      7 a stall, 8 a flooder\n"
"  --rounds N          rounds, 1 to 25 (default 5; quick 3)\n"
"  --server NAME='COMMAND {port}'\n"
"                      measure this server too; {port} becomes its port, and\n"
"                      {ledger} the file for its ledger, if it keeps one\n"
"  --standard LIST     which of select,poll,epoll_lt,epoll_et, or none\n"
"                      (default: all four)\n"
"  --out DIR           where results.json, results.csv and index.html go\n"
"                      (default build/report)\n"
"  --charts DIR        write each chart as an SVG file too\n"
"  --render FILE       do not measure: make the report again from a results.json\n"
"  --seed N            of the random sums asked for (default 1)\n"
"  -q, --quiet         no progress on stderr\n"
"  -h, --help\n"
"\n"
"Exit status: 0; 1 a server gave wrong or missing replies, or the report could\n"
"not be written; 2 usage.\n";

static const struct { const char *name, *program, *label; } standard[] = {
    { "select", "select_server", "select" },
    { "poll", "poll_server", "poll" },
    { "epoll_lt", "epoll_lt_server", "epoll LT" },
    { "epoll_et", "epoll_et_server", "epoll ET" },
};

static unsigned experiment_list(const char *text)
{
    unsigned wanted = 0;

    for (const char *at = text; ; at++) {
        char *end;
        long n = strtol(at, &end, 10);

        if (end == at || n < 1 || n > EXPERIMENTS || (*end != ',' && *end != '\0'))
            command_refuse("--only %s: not a list of numbers from 1 to %d", text, EXPERIMENTS);
        wanted |= 1u << n;
        at = end;
        if (*at == '\0')
            return wanted;
    }
}

static struct server *add_server(struct results *r, const char *name, size_t length)
{
    if (r->server_count == SERVERS_MAX)
        command_refuse("more than %d servers", SERVERS_MAX);
    struct server *server = &r->servers[r->server_count++];
    if (length == 0 || length >= sizeof server->name)
        command_refuse("--server %s: the name is empty or too long", name);
    memcpy(server->name, name, length);
    memcpy(server->label, name, length);
    for (int i = 0; i < r->server_count - 1; i++)
        if (strcmp(r->servers[i].name, server->name) == 0)
            command_refuse("two servers are called %s", server->name);
    return server;
}

/* NAME=COMMAND */
static void add_other(struct results *r, const char *text)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || strstr(equals, "{port}") == NULL)
        command_refuse("--server %s: wanted NAME='COMMAND {port}'", text);
    struct server *server = add_server(r, text, (size_t)(equals - text));
    if (strlen(equals + 1) >= sizeof server->command)
        command_refuse("--server %s: the command is too long", server->name);
    strcpy(server->command, equals + 1);
}

static void add_standard(struct results *r, const char *list, const char *folder)
{
    char names[200], path[360], quoted[400];

    snprintf(names, sizeof names, "%s", list);
    if (strcmp(list, "none") == 0)
        return;
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
        size_t i = 0;

        while (i < 4 && strcmp(name, standard[i].name) != 0)
            i++;
        if (i == 4)
            command_refuse("--standard %s: there is no %s", list, name);
        struct server *server = add_server(r, standard[i].program,
                                           strlen(standard[i].program));
        strcpy(server->label, standard[i].label);
        server->standard = true;
        snprintf(path, sizeof path, "%s/%s", folder, standard[i].program);
        if (!quote(quoted, sizeof quoted, path))
            command_refuse("the path of %s is too long", path);
        snprintf(server->command, sizeof server->command, "%s -p {port} -l {ledger}",
                 strpbrk(path, " '\"$`\\&;()*?[]<>|#~!") != NULL ? quoted : path);
    }
}

void compare_options_parse(struct compare_options *o, struct results *r, int argc,
                           char **argv, const char *folder)
{
    enum { QUICK = 1000, ONLY, ROUNDS, SERVER, STANDARD, OUT, CHARTS, RENDER, SEED };
    static const struct option options[] = {
        { "quick", no_argument, NULL, QUICK },
        { "only", required_argument, NULL, ONLY },
        { "rounds", required_argument, NULL, ROUNDS },
        { "server", required_argument, NULL, SERVER },
        { "standard", required_argument, NULL, STANDARD },
        { "out", required_argument, NULL, OUT },
        { "charts", required_argument, NULL, CHARTS },
        { "render", required_argument, NULL, RENDER },
        { "seed", required_argument, NULL, SEED }, { "quiet", no_argument, NULL, 'q' },
        { "help", no_argument, NULL, 'h' }, { 0 }
    };
    const char *others[SERVERS_MAX], *four = "select,poll,epoll_lt,epoll_et";
    int other_count = 0, c;

    *o = (struct compare_options){ .wanted = ~0u, .seed = 1, .out = "build/report" };
    while ((c = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
        switch (c) {
        case QUICK: o->quick = true; break;
        case ONLY: o->wanted = experiment_list(optarg); break;
        case ROUNDS: o->rounds = (int)command_whole("--rounds", optarg, 1, ROUNDS_MAX); break;
        case SERVER:
            if (other_count == SERVERS_MAX)
                command_refuse("more than %d servers", SERVERS_MAX);
            others[other_count++] = optarg;
            break;
        case STANDARD: four = optarg; break;
        case OUT: o->out = optarg; break;
        case CHARTS: o->charts = optarg; break;
        case RENDER: o->render = optarg; break;
        case SEED: o->seed = (long)command_whole("--seed", optarg, 0, 1L << 30); break;
        case 'q': o->quiet = true; break;
        case 'h': fputs(usage, stdout); exit(command_end(0));
        default: exit(2);
        }
    }
    if (optind < argc)
        command_refuse("%s: not an option", argv[optind]);
    add_standard(r, four, folder);
    for (int i = 0; i < other_count; i++)
        add_other(r, others[i]);
    if (r->server_count == 0 && o->render == NULL)
        command_refuse("no server to measure");
}
