#define _GNU_SOURCE
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "machine.h"
#include "process.h"

enum { START_SECONDS = 5, STOP_SECONDS = 4, PATIENCE_SECONDS = 60,
       FLOOD_PIPELINE = 1000 };

static const struct { enum field field; const char *key; } plain_keys[] = {
    { REQUESTS, "requests" }, { SECONDS, "seconds" }, { RATE, "rate" },
    { ASKED_RATE, "asked_rate" }, { CLIENT_BUSY, "client_busy" },
}, error_keys[] = {
    { WRONG, "wrong" }, { MISSING, "missing" }, { REFUSED, "refused" },
    { CONNECT, "connect" }, { TIMEOUT, "timeout" },
}, latency_keys[] = {
    { P50, "p50" }, { P90, "p90" }, { P99, "p99" }, { P999, "p999" }, { MAX, "max" },
}, sent_keys[] = {
    { SENT_P50, "p50" }, { SENT_P90, "p90" }, { SENT_P99, "p99" },
    { SENT_P999, "p999" }, { SENT_MAX, "max" },
}, server_keys[] = {
    { CPU_S, "cpu_s" }, { RSS_KIB, "rss_kib" },
}, ledger_keys[] = {
    { L_REQUESTS, "requests" }, { L_ACCEPTED, "accepted" }, { L_PEAK, "peak" },
    { L_WAITS, "waits" }, { L_WAIT_TIMEOUTS, "wait_timeouts" },
    { L_WATCHED, "watched" }, { L_READY, "ready" }, { L_SCANNED, "scanned" },
    { L_KERNEL_BYTES, "kernel_bytes" }, { L_INTEREST_CALLS, "interest_calls" },
    { L_ACCEPT_CALLS, "accept_calls" }, { L_READ_CALLS, "read_calls" },
    { L_WRITE_CALLS, "write_calls" }, { L_WOULD_BLOCK, "would_block" },
};

#define TAKE(s, object, keys) \
    for (size_t k_ = 0; k_ < sizeof (keys) / sizeof (keys)[0]; k_++) \
        (s)->field[(keys)[k_].field] = json_number(json_get(object, (keys)[k_].key))

static struct json *read_json_file(const char *path)
{
    FILE *file = fopen(path, "r");
    struct json *root = NULL;
    char *text = NULL;
    const char *error;
    size_t room = 0;

    if (file == NULL)
        return NULL;
    if (getdelim(&text, &room, '\0', file) > 0)
        root = json_parse(text, &error);
    free(text);
    fclose(file);
    return root;
}

static void note(struct sample *s, enum outcome outcome, const char *reason)
{
    if (s->outcome >= outcome)
        return;                 /* the first of the gravest is the one to tell */
    s->outcome = outcome;
    snprintf(s->reason, sizeof s->reason, "%s", reason);
}

/* What the load client found out, and whether it found the server at fault. */
static void read_load(struct sample *s, const char *path, const struct process *load)
{
    struct json *root = read_json_file(path);
    char text[120];

    if (root == NULL) {
        process_complaint(load, text, sizeof text);
        note(s, UNMEASURED, text[0] != '\0' ? text : "the load client gave no result");
        return;
    }
    const struct json *errors = json_get(root, "errors");
    TAKE(s, root, plain_keys);
    TAKE(s, errors, error_keys);
    TAKE(s, json_get(root, "latency_us"), latency_keys);
    TAKE(s, json_get(root, "uncorrected_us"), sent_keys);
    TAKE(s, json_get(root, "server"), server_keys);
    s->field[CLIENT_LATE] = json_true(json_get(root, "client_late"));
    if (s->experiment == STALL || s->experiment == FAIRNESS)
        s->curve = curve_read(json_get(root, "histogram"));
    if (s->experiment == STALL)
        s->sent_curve = curve_read(json_get(root, "uncorrected_histogram"));

    const double *f = s->field;
    if (f[WRONG] + f[MISSING] + f[TIMEOUT] > 0) {
        snprintf(text, sizeof text, "%.0f replies wrong, %.0f missing, %.0f late "
                 "beyond reason", f[WRONG], f[MISSING], f[TIMEOUT]);
        note(s, FAULTY, text);
    } else if (f[REFUSED] + f[CONNECT] > 0) {
        note(s, FULL, "it refused clients");
    } else if (!(f[REQUESTS] > 0)) {
        note(s, UNMEASURED, "nothing was answered in the time measured");
    } else if (load->status != 0) {
        process_complaint(load, text, sizeof text);
        note(s, UNMEASURED, text);
    }
    json_free(root);
}

static void read_ledger(struct server *server, struct sample *s, const char *path)
{
    struct json *root = read_json_file(path);
    const char *mechanism = json_text(json_get(root, "mechanism"));

    TAKE(s, root, ledger_keys);
    if (mechanism != NULL)
        snprintf(server->mechanism, sizeof server->mechanism, "%s", mechanism);
    json_free(root);
}

/* The command with {port} and {ledger} filled in. */
static void fill_in(char *out, size_t size, const char *command, int port,
                    const char *ledger)
{
    FILE *to = fmemopen(out, size, "w");

    if (to == NULL)
        exit(1);
    while (*command != '\0') {
        if (strncmp(command, "{port}", 6) == 0) {
            fprintf(to, "%d", port);
            command += 6;
        } else if (strncmp(command, "{ledger}", 8) == 0) {
            fputs(ledger, to);
            command += 8;
        } else {
            putc(*command++, to);
        }
    }
    fclose(to);
    out[size - 1] = '\0';
}

/* Starts the server and waits until it listens. The port, or -1. */
static int start_server(struct bench *b, int server, const char *ledger,
                        const struct process_options *options, struct process *p)
{
    char command[2000];

    for (int attempt = 0; attempt < 2; attempt++) {
        int port = port_free();     /* another may take it before the server does */

        fill_in(command, sizeof command, b->results->servers[server].command, port,
                ledger);
        process_start(p, command, options);
        if (port != -1 && port_wait(p, port, START_SECONDS) == 0)
            return port;
        process_stop(p, 1);
    }
    b->starts_failed[server]++;
    return -1;
}

static void start_load(struct bench *b, struct process *p, const struct point *point,
                       double rate, int port, const char *json, pid_t server,
                       int flooder)
{
    struct process_options options = { b->client_cpu, flooder, 0, 0, b->directory,
                                       flooder ? "flooder" : "loadgen" };
    char command[2000], more[100] = "";

    if (point->churn)
        snprintf(more, sizeof more, " --churn");
    else if (rate > 0)
        snprintf(more, sizeof more, " -R %.0f", rate);
    snprintf(command, sizeof command, "'%s' -q -c %d -I %d -P %d -d %.3f -w %.3f "
             "--seed %ld --pid %d --json '%s'%s 127.0.0.1:%d", b->loadgen,
             point->active, point->idle, flooder ? FLOOD_PIPELINE : point->pipeline,
             point->seconds + (flooder ? point->warmup + 0.1 : 0),
             flooder ? 0.02 : point->warmup, b->results->seed, (int)server, json, more,
             port);
    process_start(p, command, &options);
}

/* What an experiment does to the server while the load runs. */
static void interfere(const struct point *point, struct process *server,
                      struct sample *s)
{
    if (point->experiment == STALL) {
        pause_for(point->warmup + point->seconds / 2);
        kill(server->pid, SIGSTOP);
        pause_for(STALL_MS / 1000.0);
        kill(server->pid, SIGCONT);
    } else if (point->experiment == HIGH_DESCRIPTOR) {
        int top;

        pause_for(point->warmup + point->seconds / 2);
        process_descriptors(server, &top);
        s->field[TOP_DESCRIPTOR] = top;
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
    if (flooded) {
        start_load(b, &flooder, point, 0, port, flood_json, server->pid, 1);
        pause_for(0.05);
    }
    start_load(b, &load, point, rate, port, json, server->pid, 0);
    interfere(point, server, s);
    if (!process_wait(&load, point_seconds(point) + PATIENCE_SECONDS)) {
        process_stop(&load, 1);
        note(s, FAULTY, "the load client waited for it in vain");
    } else {
        read_load(s, json, &load);
    }
    if (flooded) {
        struct sample flood = { .experiment = FAIRNESS };

        if (!process_wait(&flooder, PATIENCE_SECONDS))
            process_stop(&flooder, 1);
        read_load(&flood, flood_json, &flooder);
        s->field[FLOOD_RATE] = flood.field[RATE];
        note(s, flood.outcome, flood.reason);
        free(flood.curve);
    }
}

static void run_point(struct bench *b, const struct point *point, int server,
                      double rate, struct sample *s)
{
    struct process_options options = { b->server_cpu, 0, 0, 0, b->directory, "server" };
    struct process p;
    char ledger[240], text[150], complaint[100];
    int top, *own = &b->own_descriptors[server];
    bool high = point->experiment == HIGH_DESCRIPTOR && point->part == 1;

    snprintf(ledger, sizeof ledger, "%s/ledger.json", b->directory);
    unlink(ledger);
    if (high) {             /* all but one client shall find a low number free */
        options.fill_from = *own + FEW - 1;
        options.fill_to = *own > 0 ? TOP : 0;
    }
    int port = start_server(b, server, ledger, &options, &p);
    if (port == -1) {
        process_complaint(&p, complaint, sizeof complaint);
        snprintf(text, sizeof text, "it does not start: %s", complaint);
        note(s, FAULTY, text);
        return;
    }
    if (!high)
        *own = process_descriptors(&p, &top);
    load_server(b, point, rate, port, &p, s);
    if (process_wait(&p, 0)) {
        note(s, FAULTY, "it ended in the middle of the work");
        return;
    }
    if (process_stop(&p, STOP_SECONDS) == -1)
        note(s, FAULTY, "it had to be killed: SIGTERM did not end it");
    read_ledger(&b->results->servers[server], s, ledger);
}

int bench_open(struct bench *b, struct results *results, const char *program_folder)
{
    memset(b, 0, sizeof *b);
    b->results = results;
    snprintf(b->directory, sizeof b->directory, "/tmp/compare-XXXXXX");
    snprintf(b->loadgen, sizeof b->loadgen, "%s/loadgen", program_folder);
    if (access(b->loadgen, X_OK) == -1) {
        fprintf(stderr, "compare: there is no %s: run `make` first\n", b->loadgen);
        return -1;
    }
    if (mkdtemp(b->directory) == NULL) {
        fprintf(stderr, "compare: cannot make a folder in /tmp: %s\n",
                strerror(errno));
        return -1;
    }
    machine_choose_cpus(&b->server_cpu, &b->client_cpu);
    if (b->server_cpu == -1)
        snprintf(results->cpus, sizeof results->cpus, "none: only one processor, which "
                 "servers and clients share");
    else
        snprintf(results->cpus, sizeof results->cpus, "servers on CPU %d, clients on "
                 "CPU %d", b->server_cpu, b->client_cpu);
    return 0;
}

void bench_close(struct bench *b)
{
    static const char *const files[] = { "server.err", "loadgen.err", "flooder.err",
                                         "load.json", "flood.json", "ledger.json" };
    char path[300];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", b->directory, files[i]);
        unlink(path);
    }
    rmdir(b->directory);
}

bool bench_gave_up(const struct bench *b, int server)
{
    return b->faults[server] >= 3 || b->starts_failed[server] >= 1;
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
