#define _GNU_SOURCE
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "plan.h"

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

void sample_note(struct sample *s, enum outcome outcome, const char *reason)
{
    if (s->outcome >= outcome)
        return;
    s->outcome = outcome;
    snprintf(s->reason, sizeof s->reason, "%s", reason);
}

bool reading_is_thin(const struct sample *s)
{
    return s->field[REQUESTS] < (double)FEW_REQUESTS;
}

void reading_load(struct sample *s, const char *path, const struct process *load)
{
    struct json *root = read_json_file(path);
    char text[120];

    if (root == NULL) {
        process_complaint(load, text, sizeof text);
        sample_note(s, UNMEASURED, text[0] != '\0' ? text
                    : "the load client gave no result");
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
        sample_note(s, FAULTY, text);
    } else if (f[REFUSED] + f[CONNECT] > 0) {
        sample_note(s, FULL, "it refused clients");
    } else if (reading_is_thin(s)) {
        snprintf(text, sizeof text, "%.0f requests were answered in the time measured: "
                 "too few for a figure", f[REQUESTS]);
        sample_note(s, UNMEASURED, text);
    } else if (load->status != 0) {
        process_complaint(load, text, sizeof text);
        sample_note(s, UNMEASURED, text);
    }
    json_free(root);
}

void reading_ledger(struct server *server, struct sample *s, const char *path)
{
    struct json *root = read_json_file(path);
    const char *mechanism = json_text(json_get(root, "mechanism"));

    TAKE(s, root, ledger_keys);
    if (mechanism != NULL)
        snprintf(server->mechanism, sizeof server->mechanism, "%s", mechanism);
    json_free(root);
}
