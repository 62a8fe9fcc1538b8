#define _GNU_SOURCE
#include "lane.h"

#include "../bench/rest.h"
#include "../lib/port.h"
#include "../load/loadgen_process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients.h"

static const double patience = 5;   /* seconds for a server to fall asleep, or to start */

void lane_out(struct lane *l, const char *format, ...)
{
    va_list arguments;

    if (l->standing.out != NULL)
        return;                     /* the first reason is the cause of the others */
    va_start(arguments, format);
    vsnprintf(l->why, sizeof l->why, format, arguments);
    va_end(arguments);
    l->standing.out = l->why;
}

/* Where servers run; -1: anywhere. */
static int servers_processor = -1;

void lanes_pin(void)
{
    cpu_set_t ours, clients;
    int first = -1, second = -1;

    if (sched_getaffinity(0, sizeof ours, &ours) < 0)
        return;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
        if (CPU_ISSET((size_t)cpu, &ours)) {
            second = first;
            first = cpu;
        }
    if (second < 0)
        return;
    CPU_ZERO(&clients);
    CPU_SET((size_t)second, &clients);
    if (sched_setaffinity(0, sizeof clients, &clients) == 0)
        servers_processor = first;
}

static void put_in(char *line, size_t size, const char *mark, const char *text)
{
    char *at = strstr(line, mark), *rest;

    if (at == NULL)
        return;
    rest = strdup(at + strlen(mark));
    snprintf(at, size - (size_t)(at - line), "%s%s", text, rest);
    free(rest);
}

static void start_process(struct lane *l, const char *service)
{
    struct process_options options = { .cpu = servers_processor };
    char line[2048], port[12];
    int pipe_ends[2];

    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        lane_out(l, "no pipe for its stderr: %s", strerror(errno));
        return;
    }
    fcntl(pipe_ends[1], F_SETFL, 0);    /* the server's end blocks, as any stderr does */
    l->errors = pipe_ends[0];
    l->port = port_any();
    snprintf(port, sizeof port, "%d", l->port);
    snprintf(line, sizeof line, "%s", l->command);
    put_in(line, sizeof line, "{port}", port);
    put_in(line, sizeof line, "{service}", service);
    options.errors = pipe_ends[1];
    process_start(&l->process, line, &options);
    close(pipe_ends[1]);
}

void lane_start(struct lane *l, const char *service, int most)
{
    char complaint[120];
    struct books at_start;

    l->errors = l->epoll = -1;
    l->standing.clients = 0;
    l->standing.full = false;
    l->mechanism[0] = '\0';
    l->owed = 0;
    if (l->standing.out != NULL)
        return;
    start_process(l, service);
    if (l->standing.out != NULL)
        return;
    if (port_wait(&l->process, l->port, patience) < 0) {
        books_complaint(l, complaint, sizeof complaint);
        lane_out(l, "%s", complaint[0] != '\0' ? complaint : l->process.pid == 0
                 ? "it ended at once" : "nobody listens on the {port} that it was given");
        return;
    }
    if (port_owner(&l->process, l->port) < 0) {
        lane_out(l, "on its port listens a process that it did not start");
        return;
    }
    l->tells = books_told(l);
    books_read(l, &at_start);   /* and so learn whether it is a select */
    clients_open(l, most);
}

void lane_stop(struct lane *l)
{
    clients_close(l);
    process_stop(&l->process, patience);
    if (l->errors >= 0)
        close(l->errors);
    l->errors = -1;
}

void lane_fit(struct lane *l, const struct load *load)
{
    int want = load->active + load->idle;

    if (l->standing.out != NULL)
        return;
    if (want <= l->standing.clients)
        l->standing.full = false;
    clients_fit(l, l->standing.full ? l->standing.clients : want);
    if (l->standing.out == NULL && l->standing.clients == 0)
        lane_out(l, "it refuses every client");
}

/* What it has used by now; false, and out, if it has ended or does not sleep. */
static bool cpu_now(struct lane *l, double *seconds)
{
    char complaint[120];

    switch (cpu_at_rest(l->process.owner, patience, seconds)) {
    case AT_REST:
        if (process_wait(&l->process, 0) == 0)
            return true;
        /* fall through */
    case NO_PROCESS:
        books_complaint(l, complaint, sizeof complaint);
        lane_out(l, "the server has ended%s%s", complaint[0] != '\0' ? ": " : "", complaint);
        return false;
    case NEVER_RESTS:
        lane_out(l, "it spins: it does not sleep while nobody asks");
        break;
    }
    return false;
}

void lane_turn(struct lane *l, const struct load *load, double seconds)
{
    double before, after, start, answered = l->replies;

    if (l->standing.out != NULL || !cpu_now(l, &before))
        return;
    start = now();
    if (!clients_turn(l, load, seconds)) {
        if (process_wait(&l->process, 0) != 0)
            cpu_now(l, &after);     /* says that it has ended, in its own words */
        lane_out(l, "replies are missing: none for 5 s");
        return;
    }
    l->second.seconds += now() - start;
    if (!cpu_now(l, &after))
        return;
    l->second.cpu += after - before;
    l->second.requests += l->replies - answered;
}

/* A signal that finds the server asleep breaks off its wait; one that finds it awake does not, and
 * costs other counters.  So it has to sleep. */
static bool report(struct lane *l, struct books *b)
{
    double ignored;

    return l->standing.out == NULL && cpu_now(l, &ignored) && books_read(l, b);
}

void lane_begin(struct lane *l)
{
    struct books second;

    l->second = (struct tally){ .seconds = 0 };
    if (report(l, &l->before) && report(l, &second)) {
        l->own.waits = second.waits - l->before.waits;
        l->own.ready = second.ready - l->before.ready;
        l->own.scanned = second.scanned - l->before.scanned;
        l->own.kernel_bytes = second.kernel_bytes - l->before.kernel_bytes;
        l->before = second;
        l->second.has_books = true;
    }
}

void lane_end(struct lane *l)
{
    struct process_usage usage;
    struct standing *s = &l->standing;
    struct books after;

    if (s->out == NULL && process_look(l->process.owner, &usage) == 0)
        l->second.memory_kib = (double)usage.rss_kib;
    if (l->second.has_books && report(l, &after))
        l->second.books = (struct books){
            after.waits - l->before.waits - l->own.waits,
            after.ready - l->before.ready - l->own.ready,
            after.scanned - l->before.scanned - l->own.scanned,
            after.kernel_bytes - l->before.kernel_bytes - l->own.kernel_bytes };
    else
        l->second.has_books = false;
    if (s->out != NULL)
        l->second = (struct tally){ .seconds = 0 };
    memmove(s->past, s->past + 1, sizeof s->past - sizeof s->past[0]);
    for (int f = 0; f < FIGURES; f++)
        s->past[MINUTE - 1][f] = tally_figure(&l->second, (enum figure)f);
}
