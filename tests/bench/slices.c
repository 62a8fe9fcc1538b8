/* slices - processor time per request of several echo servers, compared to the first.
 *
 *     usage: slices [options] NAME='COMMAND {port}'...
 *
 * On a machine that others use too, two runs of the same program a second apart differ by
 * a tenth. What disturbs comes and goes in seconds, so here all servers run at once, each
 * with its own clients connected, and only one of them is asked at a time: for a slice of
 * some hundredths of a second, then the next, round after round. A round's ratios compare
 * neighbours, and hundreds of rounds give a median that is good to half a per cent.
 *
 * A slice begins and ends with nothing under way, and its cost is the server's time on the
 * processor (its CPU clock, in ns) until it sleeps again. Servers are pinned to the
 * first processor, the client to the second. Every reply byte is looked at. Loopback only.
 */
#define _GNU_SOURCE
#include "slices.h"

#include "rest.h"
#include "../lib/command.h"
#include "../lib/port.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SERVERS_MAX = 16,
    PATIENCE = 10,              /* seconds for a server to fall asleep */
    ROUNDS_MIN = 6              /* fewer have no median that is 95 % sure */
};

struct want want = { .active = 100, .depth = 1, .bytes = 64, .rounds = 300, .slice = 0.03 };

static struct server servers[SERVERS_MAX];
static int server_count;

_Noreturn void fail(const struct server *s, const char *what)
{
    fprintf(stderr, "slices: %s%s%s", s ? s->name : "", s ? ": " : "", what);
    fprintf(stderr, errno != 0 ? ": %s\n" : "\n", strerror(errno));
    exit(1);
}

static double cpu_of(const struct server *s)
{
    double seconds = 0;
    enum rest r = cpu_at_rest(s->process.owner, PATIENCE, &seconds);

    errno = 0;
    if (r == NO_PROCESS)
        fail(s, "has no processor time in /proc: has it ended?");
    if (r == NEVER_RESTS)
        fail(s, "does not sleep though nobody asks: it spins");
    return seconds;
}

static void slice(struct server *s, int round)
{
    double before = cpu_of(s), done, spent;

    done = load_slice(s);
    spent = cpu_of(s) - before;
    errno = 0;
    if (spent <= 0)
        fail(s, "used no processor time");
    if (want.work == ACCEPT) {
        load_hang_up(s);
        cpu_of(s);         /* its farewell is not to run in the next one's slice */
    }
    s->cost[round] = spent / done * 1e6;
}

/* The first round only warms up. */
static void slice_all(void)
{
    bool terminal = isatty(STDERR_FILENO);

    for (int round = -1; round < want.rounds; round++) {
        for (int i = 0; i < server_count; i++)
            slice(&servers[i], round < 0 ? 0 : round);
        if (terminal)
            fprintf(stderr, "\rround %d of %d ", round + 1, want.rounds);
    }
    if (terminal)
        fprintf(stderr, "\r\033[K");
}

/* Where the servers' stderr goes: a folder of this run's own. */
static char directory[250], errors[300];

static void remove_directory(void)
{
    unlink(errors);
    rmdir(directory);
}

static void make_directory(void)
{
    const char *top = getenv("TMPDIR");

    snprintf(directory, sizeof directory, "%.200s/slices-XXXXXX", top ? top : "/tmp");
    if (mkdtemp(directory) == NULL)
        fail(NULL, "cannot make a folder in TMPDIR");
    snprintf(errors, sizeof errors, "%s/slices.err", directory);
    process_tidy(remove_directory);
    atexit(remove_directory);
}

static void start(struct server *s, const char *argument)
{
    static const struct process_options options = { .cpu = 0, .directory = directory,
                                                    .name = "slices" };
    const char *command = strchr(argument, '='), *gap;
    char line[2048];
    int idle = want.idle_but_first && s == servers ? 0 : want.idle;

    gap = command ? strstr(command, "{port}") : NULL;
    if (gap == NULL) {
        fprintf(stderr, "slices: %s: give a server as NAME='COMMAND {port}'\n", argument);
        exit(2);
    }
    s->name = strndup(argument, (size_t)(command - argument));
    s->port = port_any();
    snprintf(line, sizeof line, "%.*s%d%s", (int)(gap - command - 1), command + 1, s->port,
             gap + strlen("{port}"));
    process_start(&s->process, line, &options);
    errno = 0;
    if (port_wait(&s->process, s->port, 5) < 0) {
        process_complaint(&s->process, line, sizeof line);
        fail(s, line[0] != '\0' ? line : "nobody listens on the {port} that it was given");
    }
    if (port_owner(&s->process, s->port) < 0)
        fail(s, "on its port listens a process that it did not start");
    s->cost = calloc((size_t)want.rounds, sizeof *s->cost);
    load_connect(s, idle);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median of n values with its 95 % confidence interval, which needs no assumption
 * about their distribution: of n values n/2 +- sqrt(n) lie below the true median. */
static double median_of(double *values, int n, double *low, double *high)
{
    int reach = (int)ceil(sqrt(n));

    qsort(values, (size_t)n, sizeof *values, ascending);
    *low = values[n / 2 > reach ? n / 2 - reach : 0];
    *high = values[n / 2 + reach < n ? n / 2 + reach : n - 1];
    return values[n / 2];
}

static void report(void)
{
    double *ratios = calloc((size_t)want.rounds, sizeof *ratios);
    double *cost = calloc((size_t)want.rounds, sizeof *cost);

    printf("%-18s %10s %8s %18s\n", "", "us/request", "ratio", "95 % sure between");
    for (const struct server *s = servers; s < servers + server_count; s++) {
        double ratio, low, high, ignored;

        for (int i = 0; i < want.rounds; i++) {
            cost[i] = s->cost[i];
            ratios[i] = s->cost[i] / servers[0].cost[i];
        }
        ratio = median_of(ratios, want.rounds, &low, &high);
        printf("%-18s %10.3f %8.3f %10.3f %7.3f\n", s->name,
               median_of(cost, want.rounds, &ignored, &ignored), ratio, low, high);
    }
    free(ratios);
    free(cost);
}

static const char usage[] =
    "usage: slices [options] NAME='COMMAND {port}'...\n"
    "\n"
    "Processor time per request of several echo servers, and its ratio to the first one's,\n"
    "from many short slices taken in turns. Needs two processors.\n"
    "\n"
    "  -c N     clients that ask (100)          -m BYTES  of a request (64)\n"
    "  -P N     requests under way a client (1) -s calc   sums instead of echo\n"
    "  -i N     clients that asked once (0)     -I N      the same, but none at the first\n"
    "  -R RATE  open loop, requests a second    -K        a connection for each request\n"
    "  -A       the clients of -c connect, ask once, and stay until all have a reply\n"
    "  -n N     rounds, 6 or more (300)         -t MS     length of a slice (30)\n";

static void options(int argc, char **argv)
{
    bool known = true;
    int o;

    while ((o = getopt(argc, argv, "c:i:I:m:P:n:t:s:R:KAh")) != -1)
        switch (o) {
        case 'c': want.active = atoi(optarg); break;
        case 'i': want.idle = atoi(optarg); break;
        case 'I': want.idle = atoi(optarg); want.idle_but_first = true; break;
        case 'R': want.rate = atof(optarg); want.work = PACED; break;
        case 'm': want.bytes = atoi(optarg); break;
        case 'P': want.depth = atoi(optarg); break;
        case 'n': want.rounds = atoi(optarg); break;
        case 't': want.slice = atof(optarg) / 1e3; break;
        case 's':
            want.calc = strcmp(optarg, "calc") == 0;
            known = want.calc || strcmp(optarg, "echo") == 0;
            break;
        case 'K': want.work = CHURN; break;
        case 'A': want.work = ACCEPT; break;
        case 'h': fputs(usage, stdout); exit(command_end(0));
        default: fputs(usage, stderr); exit(2);
        }
    server_count = argc - optind;
    if (!known || want.active < 1 || want.idle < 0 || want.bytes < 1 || want.depth < 1
        || want.rounds < ROUNDS_MIN || want.slice <= 0 || server_count < 1
        || server_count > SERVERS_MAX) {
        fputs(usage, stderr);
        exit(2);
    }
    if (want.bytes > BYTES_MAX / want.depth || (want.work == PACED
                                                && want.slice * want.rate < 1)) {
        fprintf(stderr, "slices: %s\n", want.work == PACED
                ? "a slice (-t) must be long enough for a request (-R)"
                : "-m times -P must be no more than 65536 bytes");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    cpu_set_t second;

    command_begin();
    options(argc, argv);
    load_prepare();
    make_directory();
    command_descriptors();
    for (int i = 0; i < server_count; i++)
        start(&servers[i], argv[optind + i]);
    CPU_ZERO(&second);
    CPU_SET(1, &second);
    if (sched_setaffinity(0, sizeof second, &second) < 0)
        fail(NULL, "cannot run on the second processor");
    slice_all();
    report();
    for (int i = 0; i < server_count; i++)
        process_stop(&servers[i].process, 5);
    return command_end(0);
}
