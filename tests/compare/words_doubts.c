/* words_doubts: who was at fault, and what the figures must be doubted for. */
#include <math.h>

#include "format.h"
#include "plan.h"
#include "words.h"

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
        fprintf(out, ", and in %d more runs", count - 1);
    fputs("). Its figures of such runs are left out.", out);
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
        fprintf(out, "%d runs could not be made here: %s. ", unmeasured, why);
    if (slow_client > 0)
        fprintf(out, "In %d runs of experiments 3 and 7 the load client was late itself; "
                "their latencies are partly its own. ", slow_client);
    for (int i = 0; i < r->server_count; i++)
        if (late[i] > 0)
            fprintf(out, "%s did not keep the rate asked for in %d runs. ",
                    r->servers[i].label, late[i]);
    if (r->rounds < 2)
        fputs("One round only: nothing can be said about spread. ", out);
}
