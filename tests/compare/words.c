#include "words.h"

#include <math.h>

#include "phrase.h"
#include "plan.h"

bool words_was_measured(const struct results *r, int server)
{
    return results_find(r, 0, server, FINE) != NULL
        || results_find(r, 0, server, FULL) != NULL;
}

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
    if (!has_figures(out, r, experiment))
        return;
    switch (experiment) {
    case IDLE_SLOPE: idle_headline(out, r); break;
    case ALL_ACTIVE: active_headline(out, r); break;
    case HALF_LOAD: half_load_headline(out, r); break;
    case HIGH_DESCRIPTOR: high_descriptor_headline(out, r); break;
    case BILL: bill_headline(out, r); break;
    case CHURN: churn_headline(out, r); break;
    case STALL: stall_headline(out, r); break;
    case FAIRNESS: fairness_headline(out, r); break;
    }
}

void words_details(FILE *out, const struct results *r, int experiment)
{
    switch (experiment) {
    case IDLE_SLOPE: idle_details(out, r); break;
    case ALL_ACTIVE: active_details(out, r); break;
    case HALF_LOAD: half_load_details(out, r); break;
    case HIGH_DESCRIPTOR: high_descriptor_details(out, r); break;
    case BILL: bill_details(out, r); break;
    case CHURN: churn_details(out, r); break;
    case STALL: stall_details(out, r); break;
    case FAIRNESS: fairness_details(out, r); break;
    }
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

void words_doubts(FILE *out, const struct results *r)
{
    int unmeasured = 0, slow_client = 0, late[SERVERS_MAX] = { 0 };
    const char *why = "";

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
