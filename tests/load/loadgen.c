/*
 * loadgen - asks a server many questions, checks each answer, and says how
 * long the answers took.
 *
 *     $ build/epoll_lt_server &
 *     epoll_lt_server: serving calc on 127.0.0.1:8083
 *     $ build/loadgen -c 50 -I 1000 8083
 *
 * docs/loadgen.md explains the options, the report and the JSON. It shares no
 * code with the servers, so that it cannot share their mistakes. One thread;
 * read in this order:
 *
 *   loadgen_exchange    what to ask, what must come back (and loadgen_http)
 *   loadgen_connection  one connection: connect, send, receive, check
 *   loadgen_loop        epoll over all connections
 *   loadgen_pace        what lets the next request out, in each mode
 *   loadgen_run         the phases of a run, and the verdict on the client
 *   histogram, loadgen_process, loadgen_options, loadgen_report, loadgen_json
 */
#define _GNU_SOURCE
#include "../lib/command.h"
#include "loadgen_report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before the run, as it cannot be made up for after it. What an earlier run left in
 * the file is kept until there is something to put in its place. */
static FILE *open_json(const char *name)
{
    int fd;
    FILE *to;

    if (!name || strcmp(name, "-") == 0)
        return stdout;
    fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    to = fd < 0 ? NULL : fdopen(fd, "w");
    if (to)
        return to;
    fprintf(stderr, "loadgen: --json %s: %s\n", name, strerror(errno));
    exit(2);
}

/* An earlier result is worth more than one of nothing. */
static int is_to_be_kept(const struct result *r, FILE *to)
{
    struct stat file;

    return r->requests == 0 && fstat(fileno(to), &file) == 0 && S_ISREG(file.st_mode)
           && file.st_size > 0;
}

/* Returns 0, or 1 with a line on stderr. */
static int write_json(const struct options *o, const struct result *r, FILE *to)
{
    if (to == stdout) {
        report_json(o, r, to);
        return command_end(0);
    }
    if (is_to_be_kept(r, to)) {
        fprintf(stderr, "loadgen: nothing was measured; --json %s keeps its earlier result\n",
                o->json);
        return 1;
    }
    if (ftruncate(fileno(to), 0) < 0 && errno != EINVAL)
        fprintf(stderr, "loadgen: --json %s: %s\n", o->json, strerror(errno));
    report_json(o, r, to);
    if (fflush(to) == 0 && !ferror(to))
        return 0;
    fprintf(stderr, "loadgen: %s cannot be written: %s\n", o->json, strerror(errno));
    return 1;
}

static int all_right(const struct options *o, const struct result *r)
{
    uint64_t errors = 0;

    for (int k = 0; k < TROUBLE_KINDS; k++)
        errors += k == TROUBLE_REFUSED ? 0 : r->errors[k];
    return errors == 0 && r->errors[TROUBLE_REFUSED] <= o->may_refuse
           && r->requests > 0 && r->requests >= o->requests;
}

/* How far it came before a signal broke it off. */
static void tell_stop(const struct options *o, const struct result *r)
{
    fprintf(stderr, "loadgen: stopped by SIG%s ",
            r->stopped_by == SIGINT ? "INT" : r->stopped_by == SIGHUP ? "HUP" : "TERM");
    if (r->seconds <= 0)
        fputs("before it measured\n", stderr);
    else if (o->requests > 0)
        fprintf(stderr, "after %" PRIu64 " of %" PRIu64 " requests\n", r->requests, o->requests);
    else
        fprintf(stderr, "after %.1f of %g s\n", r->seconds, o->seconds);
}

int main(int argc, char **argv)
{
    static struct exchange exchange;    /* both too large for the stack */
    static struct result result;
    struct options options;
    int written = 0;
    FILE *json;

    command_begin();
    options_parse(&options, argc, argv);
    exchange_make(&exchange, options.service, options.bytes, options.seed,
                  options.target);
    json = open_json(options.json);
    if (run_load(&options, &exchange, &result) < 0)
        return 1;
    if (result.stopped_by != 0)
        tell_stop(&options, &result);
    if (!options.quiet && !(options.json && json == stdout)) {
        report_table(&options, &result, stdout);
        written |= command_end(0);
    }
    if (options.json)
        written |= write_json(&options, &result, json);
    return written == 0 && all_right(&options, &result) ? 0 : 1;
}
