/*
 * fabricate - a results.json that nobody measured: the same at each call, with every
 * experiment, every kind of outcome, and a server without a ledger. The tests of the
 * page need one. Usage: fabricate FILE
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plan.h"
#include "results.h"

enum { ROUNDS = 3, SERVERS = 5, NO_LEDGER = 4 };

static struct curve *curve_around(double us)
{
    struct curve *c = calloc(1, sizeof *c);

    if (c == NULL)
        exit(1);
    for (c->n = 0; c->n < 20; c->n++) {
        c->upper_us[c->n] = us * pow(1.5, c->n);
        c->count[c->n] = pow(2, 20 - c->n);
    }
    return c;
}

static void fabricate_sample(struct results *r, const struct point *p, int server,
                             int round)
{
    struct sample *s = results_add(r);
    double noise = 1 + 0.02 * round, *f = s->field;

    s->experiment = p->experiment;
    s->part = p->part;
    s->x = p->x;
    s->server = server;
    s->round = round;
    if (p->experiment == IDLE_SLOPE && server == 0 && p->x > 1000) {
        s->outcome = FULL;
        snprintf(s->reason, sizeof s->reason, "it refused clients");
        return;
    }
    if (p->experiment == CHURN && server == NO_LEDGER) {
        s->outcome = FAULTY;
        snprintf(s->reason, sizeof s->reason, "7 replies wrong & <none> right");
        return;
    }
    for (int i = 0; i < FIELDS; i++)
        f[i] = server == NO_LEDGER && i >= L_REQUESTS ? NAN : (i + 1) * 100 * noise;
    f[REQUESTS] = f[L_REQUESTS] = 10000;
    if (server == NO_LEDGER)
        f[L_REQUESTS] = NAN;
    f[CPU_S] = (0.04 + 0.01 * server + (server < 2 ? p->x * 1e-5 : 0)) * noise;
    f[P50] = 20 * noise;
    f[SENT_P50] = 15 * noise;
    if (p->experiment == STALL)
        s->sent_curve = curve_around(15 * noise);
    if (p->experiment >= STALL)
        s->curve = curve_around(20 * noise * (p->part + 1));
}

int main(int argc, char **argv)
{
    static const char *const names[SERVERS] = { "select_server", "poll_server",
                                                "epoll_lt_server", "epoll_et_server",
                                                "mine" };
    static const char *const labels[SERVERS] = { "select", "poll", "epoll LT",
                                                 "epoll ET", "mine" };
    static const char *const mechanisms[SERVERS] = { "select", "poll", "epoll_lt",
                                                     "epoll_et", "" };
    static struct results r;
    struct plan plan;

    if (argc != 2)
        return 2;
    results_init(&r);
    plan_make(&plan, ~0u, true, ROUNDS, 20000);
    r.rounds = ROUNDS;
    r.server_count = SERVERS;
    snprintf(r.host, sizeof r.host, "nowhere: fabricated for a test");
    snprintf(r.date, sizeof r.date, "never");
    snprintf(r.command, sizeof r.command, "fabricate \"<&>\"");
    for (int s = 0; s < SERVERS; s++) {
        snprintf(r.servers[s].name, sizeof r.servers[s].name, "%s", names[s]);
        snprintf(r.servers[s].label, sizeof r.servers[s].label, "%s", labels[s]);
        snprintf(r.servers[s].mechanism, sizeof r.servers[s].mechanism, "%s",
                 mechanisms[s]);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < plan.count; i++)
            for (int s = 0; s < SERVERS; s++)
                fabricate_sample(&r, &plan.points[i], s, round);
    return results_write_json(&r, argv[1]) == -1;
}
