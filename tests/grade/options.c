#define _GNU_SOURCE
#include "options.h"

#include "../lib/command.h"
#include "causes.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: grade [options] 'COMMAND {port}'\n"
    "Starts a server, in any language, and judges it in seven stages by what it does. It\n"
    "needs no banner and no options, only a port: {port} becomes a free one. What it fails\n"
    "at is named, with what the kernel shows of it, and one thing to do next.\n"
    "\n"
    "  -s, --service NAME   calc, echo or chat (calc); chat: docs/labs/08-chat.md\n"
    "      --only STAGE     one stage, by number or name\n"
    "      --seed N         the same sums, cuts and counts again (by chance)\n"
    "      --points FILE    other points: lines of a stage and its points, `5 40`\n"
    "      --json FILE      the result for programs; - for stdout, instead of the report\n"
    "      --brief          a line a stage: number, name, points, of, causes; with tabs\n"
    "      --patience SEC   a silence so long counts as a hang (2)\n"
    "      --causes         the names of what can go wrong, and what is said of each\n"
    "      --hint N         a question and an experiment for stage N, and nothing else\n"
    "  -h, --help           this text\n"
    "\n"
    "stages: 1 answers, 2 stream, 3 two at once, 4 endings, 5 not reading, 6 quiet,\n"
    "        7 limits. Causes: docs/labs/causes.md\n"
    "exit:   0 full marks, 1 less, 2 bad usage, 3 a stage could not be judged\n"
    "\n"
    "    grade './mine {port}'       grade --only 5 -s echo 'python3 mine.py {port}'\n";

/* A stage by number or name; 0 for neither. */
static int find_stage(const char *text)
{
    for (int i = 0; i < STAGES; i++) {
        char number[12];

        snprintf(number, sizeof number, "%d", i + 1);
        if (!strcmp(text, number) || !strcmp(text, stages[i].name))
            return i + 1;
    }
    return 0;
}

static int parse_stage(const char *text)
{
    int stage = find_stage(text);

    if (!stage)
        command_refuse("no stage `%s`: 1 to %d, or its name", text, STAGES);
    return stage;
}

static enum service parse_service(const char *text)
{
    for (int service = 0; service < SERVICES; service++)
        if (!strcmp(text, service_names[service]))
            return (enum service)service;
    command_refuse("no service `%s`: calc, echo or chat", text);
}

/* Lines of a stage (number or name) and its points; # begins a comment. */
static void read_points(struct options *o, const char *path)
{
    FILE *file = fopen(path, "re");
    int number = 0, sum = 0, stage;
    char line[200];

    if (!file)
        command_refuse("cannot read the points in %s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        char *last, *end;
        long points;

        number++;
        line[strcspn(line, "#\n")] = '\0';
        for (last = line + strlen(line); last > line && strchr(" \t\r", last[-1]);)
            *--last = '\0';
        if (line[strspn(line, " \t")] == '\0')
            continue;
        while (last > line && !strchr(" \t", last[-1]))
            last--;
        points = strtol(last, &end, 10);
        for (char *cut = last; cut > line && strchr(" \t", cut[-1]);)
            *--cut = '\0';
        stage = find_stage(line + strspn(line, " \t"));
        if (last == line || *end || end == last || points < 0 || points > 10000 || !stage)
            command_refuse("%s, line %d: expected a stage and its points, as in `5 40`",
                           path, number);
        o->points[stage - 1] = (int)points;
    }
    fclose(file);
    for (int i = 0; i < STAGES; i++)
        sum += o->points[i];
    if (number == 0 || sum == 0)
        command_refuse("%s gives no points at all", path);
}

/* Where a run that is broken off has made the file, it goes again. */
static const char *made_file;

void options_undo(void)
{
    if (made_file)
        unlink(made_file);
}

static void open_json(struct options *o)
{
    struct stat st;
    bool was_there = stat(o->json, &st) == 0;
    int fd;

    if (!strcmp(o->json, "-")) {
        o->json_file = stdout;
        return;
    }
    fd = open(o->json, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || !(o->json_file = fdopen(fd, "w")))
        command_refuse("cannot write %s: %s", o->json, strerror(errno));
    if (!was_there)
        made_file = o->json;
}

static _Noreturn void show_causes(void)
{
    for (const struct cause *c = causes; c->name; c++)
        printf("%s\t%s %s\n", c->name, c->lesson, c->next);
    exit(command_end(0));
}

static _Noreturn void show_hint(int stage, enum service service)
{
    const struct hint *h = hint_find(stage, service);

    printf("Stage %d, %s.\n  Question: %s\n  Experiment: %s\n  Read: %s\n", stage,
           stages[stage - 1].name, h->question, h->experiment, h->read);
    exit(command_end(0));
}

static uint64_t parse_seed(const char *text)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno)
        command_refuse("bad seed `%s`: a number from 0", text);
    return n;
}

void options_parse(struct options *o, int argc, char *argv[])
{
    enum { SEED = 256, POINTS, ONLY, JSON, BRIEF, PATIENCE, HINT, CAUSES };
    static const struct option names[] = {
        { "service", required_argument, NULL, 's' },
        { "seed", required_argument, NULL, SEED },
        { "points", required_argument, NULL, POINTS },
        { "only", required_argument, NULL, ONLY },
        { "json", required_argument, NULL, JSON },
        { "brief", no_argument, NULL, BRIEF },
        { "patience", required_argument, NULL, PATIENCE },
        { "hint", required_argument, NULL, HINT },
        { "causes", no_argument, NULL, CAUSES },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 }
    };
    int letter, hint = 0;

    *o = (struct options){ .patience = 2 };
    o->seed = 1 + ((uint64_t)time(NULL) * 7919 + (uint64_t)getpid()) % 9999;
    for (int i = 0; i < STAGES; i++)
        o->points[i] = stages[i].points;
    while ((letter = getopt_long(argc, argv, "s:h", names, NULL)) != -1)
        switch (letter) {
        case 's':
            o->service = parse_service(optarg);
            break;
        case SEED: o->seed = parse_seed(optarg); break;
        case POINTS: read_points(o, optarg); break;
        case ONLY: o->only = parse_stage(optarg); break;
        case JSON: o->json = optarg; break;
        case BRIEF: o->brief = true; break;
        case PATIENCE: o->patience = command_number("--patience", optarg, 0.1, 3600); break;
        case CAUSES: show_causes();
        case HINT: hint = parse_stage(optarg); break;
        case 'h':
            fputs(usage, stdout);
            exit(command_end(0));
        default:
            fputs("grade -h tells the usage\n", stderr);
            exit(2);
        }
    if (hint)
        show_hint(hint, o->service);
    if (optind == argc)
        command_refuse("no server given");
    if (optind + 1 < argc)
        command_refuse("one server, in one word: put '...' around the command");
    o->command = argv[optind];
    if (!strstr(o->command, "{port}"))
        command_refuse("no {port} in `%s`: write it where your server takes its port, as in "
                       "'./mine {port}'", o->command);
    if (o->json)
        open_json(o);
}
