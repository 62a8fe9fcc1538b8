#define _GNU_SOURCE
#include "measure.h"

#include "../lib/port.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "process.h"
#include "reading.h"

enum { FLOOD_PIPELINE = 1000 };

static const double START_SECONDS = 5, STOP_SECONDS = 4, PATIENCE_SECONDS = 60;

/* The command with {port} and {ledger} filled in. */
static void fill_in(char *out, size_t size, const char *command, int port,
                    const char *ledger)
{
    FILE *to = fmemopen(out, size, "w");
    char quoted[600];

    if (to == NULL)
        exit(1);
    if (!quote(quoted, sizeof quoted, ledger))
        quoted[0] = '\0';
    while (*command != '\0') {
        if (strncmp(command, "{port}", 6) == 0) {
            fprintf(to, "%d", port);
            command += 6;
        } else if (strncmp(command, "{ledger}", 8) == 0) {
            fputs(strchr(ledger, ' ') != NULL ? quoted : ledger, to);
            command += 8;
        } else {
            putc(*command++, to);
        }
    }
    fclose(to);
    out[size - 1] = '\0';
}

/* Starts the server and waits until it listens. The port; or -1 and why. */
static int start_server(struct bench *b, int server, const char *ledger,
                        const struct process_options *options, struct process *p,
                        char *why, size_t size)
{
    char command[2000];

    for (int attempt = 0; attempt < 2; attempt++) {
        int port = port_any();     /* another may take it before the server does */

        fill_in(command, sizeof command, b->results->servers[server].command, port,
                ledger);
        process_start(p, command, options);
        if (port == -1 || port_wait(p, port, START_SECONDS) == -1)
            process_complaint(p, why, size);
        else if (port_owner(p, port) == 0)
            return port;
        else
            snprintf(why, size, "on port %d listens a process that is none of its own, "
                     "or that may not be looked into", port);
        process_stop(p, 1);
    }
    b->starts_failed[server]++;
    return -1;
}

static void start_load(struct bench *b, struct process *p, const struct point *point,
                       double rate, int port, const char *json, pid_t server,
                       int flooder)
{
    struct process_options options = { .cpu = b->client_cpu, .idle_class = flooder,
                                       .directory = b->directory,
                                       .name = flooder ? "flooder" : "loadgen" };
    char command[4000], more[100] = "", loadgen[1100], quoted[600];

    if (point->churn)
        snprintf(more, sizeof more, " --churn");
    else if (rate > 0)
        snprintf(more, sizeof more, " -R %.0f", rate);
    if (!quote(loadgen, sizeof loadgen, b->loadgen) || !quote(quoted, sizeof quoted, json))
        exit(1);
    snprintf(command, sizeof command, "%s -q -c %d -I %d -P %d -d %.3f -w %.3f "
             "--seed %ld --pid %d --json %s%s 127.0.0.1:%d", loadgen,
             point->active, point->idle, flooder ? FLOOD_PIPELINE : 1,
             point->seconds + (flooder ? point->warmup + 0.1 : 0),
             flooder ? 0.02 : point->warmup, b->results->seed, (int)server, quoted, more,
             port);
    process_start(p, command, &options);
}

/* What an experiment does to the server while the load runs. */
static void interfere(const struct point *point, struct process *server,
                      struct process *load, struct sample *s)
{
    if (point->experiment == STALL) {
        pause_for(point->warmup + point->seconds / 2);
        kill(server->owner, SIGSTOP);
        pause_for(STALL_MS / 1000);
        kill(server->owner, SIGCONT);
    } else if (point->experiment == HIGH_DESCRIPTOR) {
        struct descriptors d;

        do {                /* until all clients are there, beside the listener */
            pause_for(point->warmup);
            d = process_descriptors(server);
        } while (d.sockets <= FEW && !process_wait(load, 0));
        if (d.sockets > FEW)
            s->field[TOP_DESCRIPTOR] = d.top_socket;
    }
}

/* Loads the running server; the flooder, if any, begins before and ends after. */
static void load_server(struct bench *b, const struct point *point, double rate,
                        int port, struct process *server, struct sample *s)
{
    bool flooded = point->experiment == FAIRNESS && point->part == 1;
    char json[240], flood_json[240];
    struct process load, flooder = { 0 };

    snprintf(json, sizeof json, "%s/load.json", b->directory);
    snprintf(flood_json, sizeof flood_json, "%s/flood.json", b->directory);
    unlink(json);
    unlink(flood_json);
    if (flooded) {
        start_load(b, &flooder, point, 0, port, flood_json, server->owner, 1);
        pause_for(0.05);
    }
    start_load(b, &load, point, rate, port, json, server->owner, 0);
    interfere(point, server, &load, s);
    if (!process_wait(&load, point_seconds(point) + PATIENCE_SECONDS)) {
        process_stop(&load, 1);
        sample_note(s, FAULTY, "the load client waited for it in vain");
    } else {
        reading_load(s, json, &load);
    }
    if (flooded) {
        struct sample flood = { .experiment = FAIRNESS };

        if (!process_wait(&flooder, PATIENCE_SECONDS))
            process_stop(&flooder, 1);
        reading_load(&flood, flood_json, &flooder);
        s->field[FLOOD_RATE] = flood.field[RATE];
        sample_note(s, flood.outcome, flood.reason);
        free(flood.curve);
    }
}

static void run_point(struct bench *b, const struct point *point, int server,
                      double rate, struct sample *s)
{
    struct process_options options = { .cpu = b->server_cpu, .directory = b->directory,
                                       .name = "server" };
    struct process p;
    char ledger[240], text[150], complaint[100];
    int *own = &b->own_descriptors[server];
    bool high = point->experiment == HIGH_DESCRIPTOR && point->part == 1;

    snprintf(ledger, sizeof ledger, "%s/ledger.json", b->directory);
    unlink(ledger);
    if (high) {             /* all but one client shall find a low number free */
        options.fill_from = *own + FEW - 1;
        options.fill_to = *own > 0 ? TOP : 0;
    }
    int port = start_server(b, server, ledger, &options, &p, complaint,
                            sizeof complaint);
    if (port == -1) {
        snprintf(text, sizeof text, "it does not start: %s", complaint);
        sample_note(s, FAULTY, text);
        return;
    }
    if (!high)
        *own = process_descriptors(&p).open;
    load_server(b, point, rate, port, &p, s);
    if (process_wait(&p, 0)) {
        process_stop(&p, 1);
        sample_note(s, FAULTY, "it ended in the middle of the work");
        return;
    }
    if (process_stop(&p, STOP_SECONDS) == -1)
        sample_note(s, FAULTY, "it had to be killed: SIGTERM did not end it");
    reading_ledger(&b->results->servers[server], s, ledger);
}

static int folder = -1;         /* of bench_remove */
static char folder_path[200];

int bench_open(struct bench *b, struct results *results, const char *program_folder)
{
    memset(b, 0, sizeof *b);
    b->results = results;
    snprintf(b->directory, sizeof b->directory, "%.180s/compare-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    snprintf(b->loadgen, sizeof b->loadgen, "%s/loadgen", program_folder);
    if (access(b->loadgen, X_OK) == -1) {
        fprintf(stderr, "compare: there is no %s: run `make` first\n", b->loadgen);
        return -1;
    }
    if (mkdtemp(b->directory) == NULL) {
        fprintf(stderr, "compare: cannot make %s: %s; set TMPDIR\n", b->directory,
                strerror(errno));
        return -1;
    }
    folder = open(b->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(folder_path, sizeof folder_path, "%s", b->directory);
    machine_choose_cpus(&b->server_cpu, &b->client_cpu);
    if (b->server_cpu == -1)
        snprintf(results->cpus, sizeof results->cpus, "none: only one processor, which "
                 "servers and clients share");
    else
        snprintf(results->cpus, sizeof results->cpus, "servers on CPU %d, clients on "
                 "CPU %d", b->server_cpu, b->client_cpu);
    return 0;
}

void bench_remove(void)
{
    static const char *const files[] = { "server.err", "loadgen.err", "flooder.err",
                                         "load.json", "flood.json", "ledger.json" };

    if (folder == -1)
        return;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlinkat(folder, files[i], 0);
    rmdir(folder_path);
}

bool bench_gave_up(const struct bench *b, int server)
{
    return b->faults[server] >= 3 || b->starts_failed[server] >= 2;
}

enum outcome bench_measure(struct bench *b, const struct point *point, int server,
                           int round, double rate)
{
    struct sample *s = results_add(b->results);

    s->experiment = point->experiment;
    s->part = point->part;
    s->x = point->x;
    s->server = server;
    s->round = round;
    run_point(b, point, server, rate, s);
    if (s->outcome == UNMEASURED && reading_is_thin(s)) {   /* then it takes longer */
        struct point longer = *point;

        longer.seconds *= 10;
        s->outcome = FINE;
        free(s->curve);
        free(s->sent_curve);
        s->curve = s->sent_curve = NULL;
        run_point(b, &longer, server, rate, s);
    }
    b->faults[server] += s->outcome == FAULTY;
    return s->outcome;
}

double bench_half_rate(struct bench *b, const struct point *point)
{
    const struct results *r = b->results;
    bool standard = false;
    double lowest = NAN;

    for (int i = 0; i < r->server_count; i++)
        standard |= r->servers[i].standard && !bench_gave_up(b, i);
    for (int i = 0; i < r->server_count; i++) {
        if (bench_gave_up(b, i) || (standard && !r->servers[i].standard))
            continue;
        double rate = results_spread(r, ALL_ACTIVE, 0, point->half_of, i,
                                     REQUEST_RATE).median;
        if (isnan(rate)) {
            struct sample s = { .experiment = ALL_ACTIVE };

            run_point(b, point, i, 0, &s);
            rate = s.outcome == FINE ? s.field[RATE] : NAN;
        }
        if (!isnan(rate) && !(rate >= lowest))
            lowest = rate;
    }
    return lowest / 2;
}
