#define _GNU_SOURCE
#include "words.h"

#include <math.h>
#include <string.h>

#include "phrase.h"
#include "plan.h"

/* What an experiment's figures say: the finding first, then the numbers of it, and the
 * details. `find` says the finding, up to the numbers, and whether these are to follow. The
 * texts are for phrase_fill. */
static const struct words {
    bool (*find)(FILE *out, const struct results *r, int experiment);
    const char *numbers, *details;
    void (*more)(FILE *out, const struct results *r);
} words[EXPERIMENTS + 1] = {
    [IDLE_SLOPE] = { find_idle, "", "Measured with up to {x} idle clients.", say_limits },
    [ALL_ACTIVE] = { find_active, "{contest}, with {x} clients, all active.",
        "A request then costs the server's CPU: {0 cpu_us}. Descriptors ready per wait: "
        "{0 events_per_wait}.", NULL },
    [HALF_LOAD] = { find_half_load, "",
        "At {most asked_rate} requests a second, half of what the slowest can answer, from {x} "
        "clients, a request costs: {0 cpu_us}. Descriptors ready per wait: "
        "{0 events_per_wait}.", NULL },
    [HIGH_DESCRIPTOR] = { find_high_descriptor, "",
        "Bytes copied to and from the kernel for waiting, per request, with the high one: "
        "{1 kernel_bytes}.", NULL },
    [BILL] = { NULL,
        "Active clients share the waits. For 1,000 requests of one client the servers wait so "
        "often: {0 waits_1000}; for 1,000 requests of 100 clients: {1 waits_1000}.",
        "All calls for 1,000 requests, one client: {0 calls_1000}; 100 clients: {1 calls_1000}. "
        "With 100 clients, so many calls found nothing to do (would block): {1 again_1000}.",
        NULL },
    [CHURN] = { find_churn, "{contest}.",
        "A connection with one request in it costs the server's CPU: {0 cpu_us}. epoll_ctl "
        "calls for 1,000 connections: {0 interest_1000}.", NULL },
    [STALL] = { find_stall,
        "99 % of the requests were answered within {0~sent_p99_us}, counted from when they "
        "were sent, and within {0~p99_us}, counted from when they were due.",
        "From when they were sent: {0 sent_p99_us}; from when they were due: {0 p99_us}.",
        NULL },
    [FAIRNESS] = { find_fairness,
        "alone, 99 % of the pinger's requests are answered within {0~p99_us}; beside the "
        "flooder within {1~p99_us}.",
        "Alone: {0 p99_us}; beside the flooder: {1 p99_us}. The flooder got up to "
        "{most flood_rate} replies a second.", NULL },
};

/* Whether any server has a figure in an experiment; else it says why there is none. */
static bool has_figures(FILE *out, const struct results *r, int experiment)
{
    const struct sample *bad = NULL;

    for (int s = 0; s < r->server_count; s++) {
        if (results_find(r, experiment, s, FINE) != NULL)
            return true;
        for (enum outcome o = FULL; bad == NULL && o <= FAULTY; o++)
            bad = results_find(r, experiment, s, o);
    }
    fprintf(out, "Nothing could be measured%s%s.", bad != NULL ? ": " : "",
            bad != NULL ? bad->reason : "");
    return false;
}

void words_headline(FILE *out, const struct results *r, int experiment)
{
    const struct words *w = &words[experiment];

    if (has_figures(out, r, experiment)
        && (w->find == NULL || w->find(out, r, experiment)))
        phrase_fill(out, r, experiment, w->numbers);
}

void words_details(FILE *out, const struct results *r, int experiment)
{
    phrase_fill(out, r, experiment, words[experiment].details);
    if (words[experiment].more != NULL)
        words[experiment].more(out, r);
}

bool words_was_measured(const struct results *r, int server)
{
    return results_find(r, 0, server, FINE) != NULL
        || results_find(r, 0, server, FULL) != NULL;
}

bool words_has_fault(const struct results *r, int server)
{
    return results_find(r, 0, server, FAULTY) != NULL;
}

void words_fault(FILE *out, const struct results *r, int server)
{
    const struct sample *first = results_find(r, 0, server, FAULTY);
    int count = 0;

    if (first == NULL)
        return;
    for (int i = 0; i < r->sample_count; i++)
        count += r->samples[i].server == server && r->samples[i].outcome == FAULTY;
    fprintf(out, "%s: %s (experiment %d, %s", r->servers[server].label, first->reason,
            first->experiment, experiments[first->experiment].name);
    if (count > 1)
        fprintf(out, ", and %d more of its runs went wrong", count - 1);
    fputs("). The figures of such runs are left out.", out);
}

void words_doubts(FILE *out, const struct results *r, int unused)
{
    int unmeasured = 0, slow_client = 0, late[SERVERS_MAX] = { 0 };
    const char *why = "";

    (void)unused;
    if (r->other_cpus > 0.15)
        fprintf(out, "Other programs kept %.1f CPUs busy meanwhile: expect wider "
                "spreads than on a quiet machine. ", r->other_cpus);
    for (int i = 0; i < r->sample_count; i++) {
        const struct sample *s = &r->samples[i];

        if (s->outcome == UNMEASURED && unmeasured++ == 0)
            why = s->reason;
        if (s->experiment != HALF_LOAD && s->experiment != STALL)
            continue;
        slow_client += s->field[CLIENT_LATE] > 0;
        late[s->server] += s->field[RATE] < 0.97 * s->field[ASKED_RATE];
    }
    if (unmeasured > 0)
        fprintf(out, "Runs that could not be made here: %d (%s). ", unmeasured, why);
    if (slow_client > 0)
        fprintf(out, "Runs of experiments 3 and 7 in which the load client was late "
                "itself, so that latencies are partly its own: %d. ", slow_client);
    for (int i = 0; i < r->server_count; i++)
        if (late[i] > 0)
            fprintf(out, "Runs in which %s did not keep the rate asked for: %d. ",
                    r->servers[i].label, late[i]);
    if (r->rounds < 2)
        fputs("One round only: nothing can be said about spread. ", out);
}

char *words_text(const struct results *r, int which, words_say *say)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return strdup("");
    say(out, r, which);
    fclose(out);
    return text;
}
