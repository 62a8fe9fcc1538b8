/*
 * compare: what it costs to wait with select, poll and epoll, measured and shown.
 *
 *     $ build/compare --quick --only 1
 *     $ build/compare --server mine='./my_server {port}'
 *
 * Starts the servers one after the other, loads each with build/loadgen, and writes
 * results.json, results.csv and a page, index.html, into build/report. To be read after
 * this file: plan.c (the experiments), measure.c (one run), words.c (what is said of
 * the figures).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/command.h"
#include "compare_options.h"
#include "machine.h"
#include "measure.h"
#include "page.h"
#include "process.h"
#include "progress.h"
#include "terminal.h"
#include "words.h"

/* The command as it could be typed again. */
static void note_command(struct results *r, int argc, char **argv)
{
    size_t at = 0;

    for (int i = 0; i < argc && at < sizeof r->command; i++) {
        const char *quote = strpbrk(argv[i], " '\"{}$;&|<>()*") != NULL ? "'" : "";

        at += (size_t)snprintf(r->command + at, sizeof r->command - at, "%s%s%s%s",
                               i > 0 ? " " : "", quote, argv[i], quote);
    }
}

/* The folder of this program: the servers and the load client are beside it. */
static void find_folder(char *out, size_t size, const char *program)
{
    char path[1024] = "";

    if (strchr(program, '/') != NULL)
        snprintf(path, sizeof path, "%s", program);
    else if (readlink("/proc/self/exe", path, sizeof path - 1) == -1)
        snprintf(path, sizeof path, "./compare");
    snprintf(out, size, "%s", dirname(path));
}

/* Every server in every point of one experiment, round by round: A B C D A B C D. */
static void run_experiment(struct bench *b, const struct plan *plan, int experiment,
                           struct progress *progress)
{
    double rates[POINTS_MAX * 2] = { 0 };
    double full_at[SERVERS_MAX];    /* a server that was full is not asked for more */
    char text[120];

    for (int s = 0; s < SERVERS_MAX; s++)
        full_at[s] = INFINITY;
    for (int round = 0; round < plan->rounds; round++) {
        for (int i = 0; i < plan->count; i++) {
            const struct point *p = &plan->points[i];

            if (p->experiment != experiment)
                continue;
            if (round == 0)
                rates[i] = p->half_of > 0 ? bench_half_rate(b, p) : p->rate;
            for (int s = 0; s < b->results->server_count; s++) {
                snprintf(text, sizeof text, "%d %s, round %d of %d, %s", experiment,
                         experiments[experiment].name, round + 1, plan->rounds,
                         b->results->servers[s].label);
                progress_say(progress, text);
                if (!bench_gave_up(b, s) && p->x < full_at[s] && !isnan(rates[i])
                    && bench_measure(b, p, s, round, rates[i]) == FULL)
                    full_at[s] = p->x;
                progress_add(progress, point_seconds(p));
            }
        }
    }
}

static void measure_all(struct results *r, const struct compare_options *o,
                        const char *folder)
{
    struct plan plan;
    struct bench bench;
    struct progress progress;
    double planned = 0, begun = now(), busy = machine_busy(), own = own_busy();

    machine_describe(r);
    process_tidy(bench_remove);
    if (bench_open(&bench, r, folder) == -1)
        exit(1);
    plan_make(&plan, o->wanted, o->quick, o->rounds, r->descriptors);
    if (plan.count == 0) {
        fprintf(stderr, "compare: none of these experiments can be made with %ld "
                "descriptors; see ulimit -Hn\n", r->descriptors);
        bench_remove();
        exit(1);
    }
    r->rounds = plan.rounds;
    for (int i = 0; i < plan.count; i++)
        planned += point_seconds(&plan.points[i]) * plan.rounds * r->server_count;
    progress_begin(&progress, planned, o->quiet);
    for (int e = 1; e <= EXPERIMENTS; e++)
        run_experiment(&bench, &plan, e, &progress);
    progress_end(&progress);
    bench_remove();
    r->seconds = now() - begun;
    r->other_cpus = fmax(0, (machine_busy() - busy - (own_busy() - own)) / r->seconds);
}

/* Makes the folder of the results, as mkdir -p does, before anything is measured. */
static void make_out(const char *option, const char *out)
{
    char path[1100];

    for (const char *at = out; at != NULL; ) {
        at = strchr(at + 1, '/');
        snprintf(path, sizeof path, "%.*s", at == NULL ? 1000 : (int)(at - out), out);
        if (mkdir(path, 0777) == 0 || errno == EEXIST)
            continue;
        fprintf(stderr, "compare: %s %s: cannot make %s: %s\n", option, out, path,
                strerror(errno));
        exit(2);
    }
    if (access(out, W_OK | X_OK) == 0)
        return;
    fprintf(stderr, "compare: %s %s: cannot write into it: %s\n", option, out,
            strerror(errno));
    exit(2);
}

static int write_report(const struct results *r, const struct compare_options *o)
{
    char path[1100];
    int bad = 0;

    if (o->render == NULL) {
        snprintf(path, sizeof path, "%.1000s/results.json", o->out);
        bad |= results_write_json(r, path);
        snprintf(path, sizeof path, "%.1000s/results.csv", o->out);
        bad |= results_write_csv(r, path);
    }
    snprintf(path, sizeof path, "%.1000s/index.html", o->out);
    bad |= page_write(r, path);
    if (!bad)
        printf("\nThe page: %s\n", path);
    if (o->charts != NULL)
        bad |= charts_write(r, o->charts);
    return bad;
}

int main(int argc, char **argv)
{
    static struct results results;
    struct compare_options options;
    char folder[1024];
    bool fault = false;

    command_begin();
    results_init(&results);
    find_folder(folder, sizeof folder, argv[0]);
    compare_options_parse(&options, &results, argc, argv, folder);
    make_out("--out", options.out);
    if (options.charts != NULL)
        make_out("--charts", options.charts);
    if (options.render != NULL) {
        results_init(&results);
        if (results_read_json(&results, options.render) == -1)
            return 1;
    } else {
        results.quick = options.quick;
        results.seed = options.seed;
        note_command(&results, argc, argv);
        measure_all(&results, &options, folder);
    }
    terminal_report(stdout, &results);
    int bad = write_report(&results, &options);
    for (int s = 0; s < results.server_count; s++)
        fault |= words_has_fault(&results, s) || !words_was_measured(&results, s);
    results_free(&results);
    return command_end(bad != 0 || fault);
}
