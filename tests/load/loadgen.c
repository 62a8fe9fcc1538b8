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
#include "loadgen_report.h"

#include <errno.h>
#include <string.h>

static int write_json(const struct options *o, const struct result *r)
{
    FILE *to = strcmp(o->json, "-") == 0 ? stdout : fopen(o->json, "w");

    if (!to) {
        fprintf(stderr, "loadgen: %s: %s\n", o->json, strerror(errno));
        return -1;
    }
    report_json(o, r, to);
    if (fflush(to) == 0 && !ferror(to) && (to == stdout || fclose(to) == 0))
        return 0;
    fprintf(stderr, "loadgen: %s: cannot be written: %s\n", o->json, strerror(errno));
    return -1;
}

static int all_right(const struct options *o, const struct result *r)
{
    uint64_t errors = 0;

    for (int k = 0; k < TROUBLE_KINDS; k++)
        errors += k == TROUBLE_REFUSED ? 0 : r->errors[k];
    return errors == 0 && r->errors[TROUBLE_REFUSED] <= o->may_refuse &&
           r->requests > 0;
}

int main(int argc, char **argv)
{
    static struct exchange exchange;    /* both too large for the stack */
    static struct result result;
    struct options options;

    options_parse(&options, argc, argv);
    exchange_make(&exchange, options.service, options.bytes, options.seed,
                  options.target);
    if (run_load(&options, &exchange, &result) < 0)
        return 1;
    if (options.json && write_json(&options, &result) < 0)
        return 1;
    if (!options.quiet && !(options.json && strcmp(options.json, "-") == 0))
        report_table(&options, &result, stdout);
    return all_right(&options, &result) ? 0 : 1;
}
