#define _GNU_SOURCE
#include "options.h"

#include "../lib/command.h"
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_SERVER = 256, OPT_SCRIPT, OPT_JSON, OPT_ROWS };
enum { OWN_DESCRIPTORS = 24, LANE_DESCRIPTORS = 2 };    /* streams, /proc, the file; pipe, epoll */

static const char usage[] =
    "usage: race [options]\n"
    "The four servers under the same load, in turns of a fraction of a second: once a second,\n"
    "what each of them did and what it cost. In a terminal, on a screen with bars and the last\n"
    "minute; else a row a second and server.\n"
    "\n"
    "  -s, --service NAME    calc, echo or http                       (calc)\n"
    "  -c, --active N        clients of a server that ask               (10)\n"
    "  -I, --idle N          clients of a server that stay silent        (0)\n"
    "  -P, --pipeline N      depth: requests under way on a connection   (1)\n"
    "  -d, --duration SEC    end after so long   (rows: 10, or with the script)\n"
    "      --rows            rows, also in a terminal\n"
    "      --json FILE       at the end, all rows as JSON; - is stdout, and no rows\n"
    "      --script FILE     change the load as it says, a line a step:\n"
    "                          SECOND idle|active|depth N, +N or -N\n"
    "                          SECOND service NAME | say WORDS | ask WORDS | quit\n"
    "                        ask waits for the space bar, in a terminal\n"
    "      --server NAME='COMMAND {port}'\n"
    "                        one more server; {service} in it is replaced too\n"
    "  -h, --help\n"
    "\n"
    "Keys: + - idle clients by 100, > < by 1,000 (or arrows); a A active ones, d D depth, more\n"
    "and less; s the next service; space pause; Tab more figures; q end, with a table; Ctrl-C.\n"
    "Exit: 0 all ran to the end; 1 a server failed, or nothing was measured; 2 usage.\n";

static void add_server(struct options *o, const char *argument)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t n = strspn(argument, allowed);
    const char *command = argument + n + 1;

    if (n == 0 || n > NAME_MAX_LENGTH || argument[n] != '=')
        command_refuse("--server %s: begin with NAME=, of 1 to %d letters, digits, _ . -", argument,
               NAME_MAX_LENGTH);
    if (strstr(command, "{port}") == NULL)
        command_refuse("--server %s: say where the port goes: {port}", argument);
    if (strlen(command) > 1500)
        command_refuse("--server: a command has at most 1,500 characters");
    if (o->count == SERVERS_MAX)
        command_refuse("--server: %d servers at the most, with the four", SERVERS_MAX);
    o->names[o->count] = strndup(argument, n);
    for (int i = 0; i < o->count; i++)
        if (strcmp(o->names[i], o->names[o->count]) == 0)
            command_refuse("--server %s: there is one with this name already", argument);
    o->commands[o->count++] = command;
}

/* Ours lie beside this program. */
static void add_ours(struct options *o)
{
    static const char *const names[] = { "select", "poll", "epoll_lt", "epoll_et" };
    char own[1024], program[1100], quoted[1400], command[1500];

    command_folder(own, sizeof own);
    for (int i = 0; i < 4; i++) {
        snprintf(program, sizeof program, "%s/%s_server", own, names[i]);
        if (access(program, X_OK) < 0)
            command_refuse("%s: %s; run make first", program, strerror(errno));
        if (!quote(quoted, sizeof quoted, program))
            command_refuse("%s: the path is too long", program);
        snprintf(command, sizeof command, "%s -i 0 -s {service} -p {port}", quoted);
        o->names[o->count] = names[i];
        o->commands[o->count++] = strdup(command);
    }
}

/* What a file had is kept until there is something to put in its place. */
static void open_json(struct options *o)
{
    int fd;

    if (o->json_name == NULL)
        return;
    if (strcmp(o->json_name, "-") == 0) {
        o->json = stdout;
        return;
    }
    o->json_made = access(o->json_name, F_OK) < 0;
    fd = open(o->json_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    o->json = fd < 0 ? NULL : fdopen(fd, "w");
    if (o->json == NULL)
        command_refuse("--json %s: %s", o->json_name, strerror(errno));
}

/* Each client of each server is a descriptor of ours. */
static void count_descriptors(struct options *o)
{
    long room = command_descriptors();

    o->most = (int)((room - OWN_DESCRIPTORS) / o->count) - LANE_DESCRIPTORS;
    if (o->most < o->load.active)
        command_refuse("-c %d: ulimit -Hn is %ld here, which is enough for %d clients of each of %d"
               " servers", o->load.active, room, o->most > 0 ? o->most : 0, o->count);
    if (o->most < o->load.active + o->load.idle)
        command_refuse("-I %d: ulimit -Hn is %ld here, which is enough for %d idle clients a server",
               o->load.idle, room, o->most - o->load.active);
}

static const struct option longs[] = {
    { "service", required_argument, NULL, 's' },
    { "active", required_argument, NULL, 'c' },
    { "idle", required_argument, NULL, 'I' },
    { "pipeline", required_argument, NULL, 'P' },
    { "duration", required_argument, NULL, 'd' },
    { "rows", no_argument, NULL, OPT_ROWS },
    { "json", required_argument, NULL, OPT_JSON },
    { "script", required_argument, NULL, OPT_SCRIPT },
    { "server", required_argument, NULL, OPT_SERVER },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};

void options_parse(struct options *o, int argc, char **argv)
{
    int c;
    bool rows = false;
    const char *script = NULL;

    *o = (struct options){ .load = { "calc", 10, 0, 1 } };
    add_ours(o);
    while ((c = getopt_long(argc, argv, "s:c:I:P:d:h", longs, NULL)) != -1)
        switch (c) {
        case 's': o->load.service = optarg; break;
        case 'c': o->load.active = (int)command_whole("-c", optarg, 1, 100000); break;
        case 'I': o->load.idle = (int)command_whole("-I", optarg, 0, 1000000); break;
        case 'P': o->load.depth = (int)command_whole("-P", optarg, 1, DEPTH_MAX); break;
        case 'd': o->duration = (int)command_whole("-d", optarg, 1, 1000000); break;
        case OPT_ROWS: rows = true; break;
        case OPT_JSON: o->json_name = optarg; break;
        case OPT_SCRIPT: script = optarg; break;
        case OPT_SERVER: add_server(o, optarg); break;
        case 'h': fputs(usage, stdout); exit(command_end(0));
        default: exit(2); /* getopt has named it */
        }
    if (optind < argc)
        command_refuse("%s: there are options only", argv[optind]);
    if (!service_known(o->load.service))
        command_refuse("-s %s: say calc, echo or http", o->load.service);
    if (script != NULL)
        script_read(&o->script, script);
    o->screen = !rows && screen_possible() && !(o->json_name && strcmp(o->json_name, "-") == 0);
    if (!o->screen && o->duration <= 0)
        o->duration = o->script.count > 0
                      ? o->script.steps[o->script.count - 1].second + 5 : 10;
    count_descriptors(o);
    open_json(o);
}
