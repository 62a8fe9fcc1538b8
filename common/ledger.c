#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The one list of the figures, in the order in which every form shows them. */
static const struct figure {
    const char *name;
    size_t      at;
    const char *meaning;
} figures[] = {
#define FIGURE(name, meaning) { #name, offsetof(struct ledger, name), meaning }
    FIGURE(accepted,         "clients accepted"),
    FIGURE(refused,          "clients told 'full'"),
    FIGURE(now,              "clients connected now"),
    FIGURE(peak,             "most clients at once"),
    FIGURE(closed_by_peer,   "the peer finished first"),
    FIGURE(closed_by_server, "we finished first"),
    FIGURE(resets,           "connections reset or broken"),
    FIGURE(timed_out,        "clients whose clock expired"),
    FIGURE(requests,         "complete requests answered"),
    FIGURE(bad_frames,       "violations of the protocol"),
    FIGURE(bytes_in,         "bytes received"),
    FIGURE(bytes_out,        "bytes sent"),
    FIGURE(waits,            "calls of select, poll or epoll_wait"),
    FIGURE(wait_timeouts,    "of those, with nothing ready"),
    FIGURE(watched,          "descriptors described to the kernel"),
    FIGURE(ready,            "descriptors reported ready"),
    FIGURE(scanned,          "slots looked at to find them"),
    FIGURE(kernel_bytes,     "bytes copied to and from the kernel"),
    FIGURE(interest_calls,   "calls of epoll_ctl"),
    FIGURE(accept_calls,     "calls of accept4"),
    FIGURE(read_calls,       "calls of recv"),
    FIGURE(write_calls,      "calls of send"),
    FIGURE(would_block,      "of those three, ended in EAGAIN"),
#undef FIGURE
};

enum { FIGURES = sizeof figures / sizeof figures[0] };

static uint64_t value(const struct ledger *l, const struct figure *f)
{
    uint64_t v;

    memcpy(&v, (const char *)l + f->at, sizeof v);
    return v;
}

static double seconds(const struct ledger *l)
{
    return (double)l->age / 1e9;
}

size_t ledger_json(const struct ledger *l, char *to)
{
    int n = sprintf(to, "{\"server\":\"%s\",\"mechanism\":\"%s\",\"service\":\"%s\","
                        "\"seconds\":%.3f",
                    l->server, l->mechanism, l->service, seconds(l));

    for (int i = 0; i < FIGURES; i++)
        n += sprintf(to + n, ",\"%s\":%" PRIu64, figures[i].name, value(l, &figures[i]));
    n += sprintf(to + n, "}\n");
    return (size_t)n;
}

size_t ledger_table(const struct ledger *l, char *to)
{
    int n = sprintf(to, "%s (%s), serving %s for %.3f s\n", l->server, l->mechanism,
                    l->service, seconds(l));

    for (int i = 0; i < FIGURES; i++)
        n += sprintf(to + n, "  %-16s %15" PRIu64 "  %s\n", figures[i].name,
                     value(l, &figures[i]), figures[i].meaning);
    return (size_t)n;
}

size_t ledger_summary(const struct ledger *l, char *to)
{
    return (size_t)sprintf(to,
            "%s: stopped after %.1f s: %" PRIu64 " clients, %" PRIu64 " refused; %" PRIu64
            " requests, %" PRIu64 " bad frames; %" PRIu64 " bytes in, %" PRIu64
            " out; %" PRIu64 " waits\n",
            l->server, seconds(l), l->accepted, l->refused, l->requests, l->bad_frames,
            l->bytes_in, l->bytes_out, l->waits);
}
