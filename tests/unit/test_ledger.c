/* Does every form of the ledger show each figure, under its name, within the room that
 * ledger.h promises, however large the figures are?
 */
#define _GNU_SOURCE
#include "../../common/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* As docs/protocol.md lists them. */
static const char *const names[] = {
    "accepted", "refused", "now", "peak", "closed_by_peer", "closed_by_server",
    "resets", "timed_out", "requests", "bad_frames", "bytes_in", "bytes_out", "waits",
    "wait_timeouts", "watched", "ready", "scanned", "kernel_bytes", "interest_calls",
    "accept_calls", "read_calls", "write_calls", "would_block"
};
enum { FIGURES = sizeof names / sizeof names[0] };

/* A ledger whose figures are first, first + step, ..., in the order of the names. */
static struct ledger make_ledger(uint64_t first, uint64_t step)
{
    struct ledger l = { .server = "epoll_lt_server", .mechanism = "epoll_lt",
                        .service = "calc", .age = INT64_C(12500000000) };
    uint64_t *const figures[FIGURES] = {
        &l.accepted, &l.refused, &l.now, &l.peak, &l.closed_by_peer,
        &l.closed_by_server, &l.resets, &l.timed_out, &l.requests, &l.bad_frames,
        &l.bytes_in, &l.bytes_out, &l.waits, &l.wait_timeouts, &l.watched, &l.ready,
        &l.scanned, &l.kernel_bytes, &l.interest_calls, &l.accept_calls, &l.read_calls,
        &l.write_calls, &l.would_block
    };

    for (uint64_t i = 0; i < FIGURES; i++)
        *figures[i] = first + i * step;
    return l;
}

/* The text with its length checked; the caller frees it. */
static char *written(struct test *t,
                     size_t (*write)(const struct ledger *, char *), const struct ledger *l)
{
    char *text = calloc(1, LEDGER_TEXT_MAX + 1);
    size_t n = write(l, text);

    test_check(t, n <= LEDGER_TEXT_MAX && strlen(text) == n,
               "%zu bytes, said to be %zu", strlen(text), n);
    return text;
}

static void json(struct test *t)
{
    struct ledger l = make_ledger(1001, 1);
    char *came = written(t, ledger_json, &l), want[1024];
    int n = sprintf(want, "{\"server\":\"epoll_lt_server\",\"mechanism\":\"epoll_lt\","
                          "\"service\":\"calc\",\"seconds\":12.500");

    for (int i = 0; i < FIGURES; i++)
        n += sprintf(want + n, ",\"%s\":%d", names[i], 1001 + i);
    n += sprintf(want + n, "}\n");
    test_bytes(t, "JSON", want, (size_t)n, came, strlen(came));
    free(came);
}

static void room_for_the_largest(struct test *t)
{
    struct ledger l = make_ledger(UINT64_MAX, 0);

    l.age = INT64_MAX;
    free(written(t, ledger_json, &l));
    free(written(t, ledger_table, &l));
    free(written(t, ledger_summary, &l));
}

static void table(struct test *t)
{
    struct ledger l = make_ledger(1001, 1);
    char *came = written(t, ledger_table, &l), *line = came;

    test_check(t, strncmp(came, "epoll_lt_server (epoll_lt), serving calc for 12.500 s",
                          53) == 0, "begins: %.60s", came);
    for (int i = 0; i < FIGURES; i++) {
        char name[32];
        int value;

        line = strchr(line, '\n') + 1;
        test_check(t, sscanf(line, " %31s %d", name, &value) == 2
                      && strcmp(name, names[i]) == 0 && value == 1001 + i,
                   "expected %s %d, came %.60s", names[i], 1001 + i, line);
    }
    free(came);
}

static void summary(struct test *t)
{
    static const char want[] =
        "epoll_lt_server: stopped after 12.5 s: 1 clients, 2 refused; 9 requests,"
        " 10 bad frames; 11 bytes in, 12 out; 13 waits\n";
    struct ledger l = make_ledger(1, 1);
    char *came = written(t, ledger_summary, &l);

    test_bytes(t, "summary", want, sizeof want - 1, came, strlen(came));
    free(came);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "json", json },
        { "room_for_the_largest", room_for_the_largest },
        { "table", table }, { "summary", summary }, { NULL, NULL }
    };

    return test_main("ledger", cases);
}
