#define _GNU_SOURCE
#include "shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conn.h"
#include "net.h"
#include "signals.h"

/* Descriptors that are no client's: the standard streams, the listener, the two ends of
 * the self-pipe, an epoll instance, the ledger file, one to refuse a client with, and
 * some that the parent may have left open. */
enum { DESCRIPTORS_RESERVED = 16 };

static const int64_t leaving = 2 * CLOCK_SECOND;
static const int64_t stopping = 2 * CLOCK_SECOND;
static const int64_t accept_pause = CLOCK_SECOND / 10;

/* How many clients there can be: raises the soft RLIMIT_NOFILE to the hard one. */
static uint32_t clients_allowed(uint32_t descriptors)
{
    struct rlimit limit;
    rlim_t most = INT32_MAX;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        rlim_t soft = limit.rlim_cur;

        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            limit.rlim_cur = soft;
        if (limit.rlim_cur < most)
            most = limit.rlim_cur;
    }
    if (descriptors != 0 && descriptors < most)
        most = descriptors;
    return most > DESCRIPTORS_RESERVED ? (uint32_t)most - DESCRIPTORS_RESERVED : 1;
}

static bool complain(const struct options *o, const char *what, const char *reason)
{
    fprintf(stderr, "%s: cannot %s: %s\n", o->program, what, reason);
    return false;
}

bool shared_open(struct shared *sh, const struct options *o, const char *mechanism,
                 uint32_t descriptors)
{
    char what[512];
    const char *reason;
    uint32_t allowed = clients_allowed(descriptors);

    sh->options = o;
    sh->read_size = o->read_size;
    sh->service = o->service;
    clock_init(&sh->clock, o->idle_timeout, o->frame_timeout, leaving);
    sh->born = sh->clock.now;
    sh->ledger = (struct ledger){ .server = o->program, .mechanism = mechanism,
                                  .service = service_name(o->service) };
    narrate_init(&sh->narrator, o->verbose, &sh->ledger);

    sh->listener = net_listen(o->host, o->port, o->rcvbuf, o->sndbuf, &reason);
    if (sh->listener < 0) {
        snprintf(what, sizeof what, strchr(o->host, ':') ? "listen on [%s]:%s"
                                                         : "listen on %s:%s",
                 o->host, o->port);
        return complain(o, what, reason);
    }
    sh->signals = signals_open();
    if (sh->signals < 0)
        return complain(o, "catch signals", strerror(errno));
    if (descriptors != 0 && (uint32_t)sh->signals >= descriptors)
        return complain(o, "watch its own descriptors",
                        "the parent left too many open below them");

    sh->max_clients = o->max_clients != 0 ? o->max_clients : allowed;
    if (sh->max_clients > allowed) {
        fprintf(stderr, "%s: --max-clients %u is more than %s and RLIMIT_NOFILE allow:"
                        " serving %u at once\n",
                o->program, o->max_clients, mechanism, allowed);
        sh->max_clients = allowed;
    }
    return true;
}

bool shared_announce(const struct shared *sh)
{
    char name[NET_NAME_MAX];

    if (net_name_own(sh->listener, name) == NULL)
        return complain(sh->options, "tell its own address", strerror(errno));
    printf("%s: serving %s on %s\n", sh->options->program, service_name(sh->service),
           name);
    fflush(stdout);
    return true;
}

void shared_pause_accepting(struct shared *sh)
{
    clock_set_alarm(&sh->clock, CLOCK_ACCEPT, accept_pause);
}

void shared_stop(struct shared *sh)
{
    sh->stopping = true;
    close(sh->listener);
    sh->listener = -1;
    sh->clock.alarm[CLOCK_ACCEPT] = 0;
    clock_set_alarm(&sh->clock, CLOCK_STOP, stopping);
}

bool shared_done(struct shared *sh)
{
    return sh->stopping && (sh->ledger.now == 0 || clock_rings(&sh->clock, CLOCK_STOP));
}

int shared_close(struct shared *sh)
{
    int status = EXIT_SUCCESS;
    struct timer *t;
    FILE *to = sh->options->ledger;

    while ((t = clock_walk(&sh->clock, NULL)) != NULL)
        conn_close(conn_of_timer(t), sh);
    clock_read(&sh->clock);
    narrate_rest(&sh->narrator);
    if (to != NULL) {
        char json[LEDGER_JSON_MAX];
        size_t size = ledger_json(&sh->ledger, shared_seconds(sh), json);

        if (fwrite(json, 1, size, to) != size || fflush(to) != 0) {
            complain(sh->options, "write the ledger", strerror(errno));
            status = EXIT_FAILURE;
        }
        if (to != stdout)
            fclose(to);
    }
    ledger_summary(&sh->ledger, shared_seconds(sh), stderr);
    close(sh->signals);
    return status;
}
