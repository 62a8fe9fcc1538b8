#define _GNU_SOURCE
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conn.h"
#include "net.h"
#include "report.h"
#include "signals.h"

/* Descriptors that are no client's: the standard streams, the listener, the two ends of
 * the self-pipe, an epoll instance, the ledger file, one to refuse a client with, and
 * some that the parent may have left open. */
enum { DESCRIPTORS_RESERVED = 16 };

static const int64_t accept_pause = CLOCK_SECOND / 10;

/* See that the descriptors 0, 1 and 2 are open.  Else a socket would get one of these numbers,
 * and what is meant for stdout or stderr would be sent to a client. */
static bool open_standard_descriptors(const char *program)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);    /* gets the lowest number that is free */
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0) {
        report_line(program, "cannot open /dev/null: %s", strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

/* How many clients there can be: raises the soft RLIMIT_NOFILE to the hard one. */
static uint32_t clients_allowed(const struct mechanism *m)
{
    struct rlimit limit;
    rlim_t most = INT32_MAX, taken = DESCRIPTORS_RESERVED + m->reserved;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        rlim_t soft = limit.rlim_cur;

        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            limit.rlim_cur = soft;
        if (limit.rlim_cur < most)
            most = limit.rlim_cur;
    }
    if (m->descriptors != 0 && m->descriptors < most)
        most = m->descriptors;
    return most > taken ? (uint32_t)(most - taken) : 1;
}

/* Listen, and catch signals. */
static bool open_descriptors(struct program *p)
{
    const struct options *o = &p->options;
    uint32_t most = p->mechanism->descriptors;
    const char *reason;

    p->listener = net_listen(o->host, o->port, o->rcvbuf, o->sndbuf, &reason);
    if (p->listener < 0) {
        report_line(o->program, strchr(o->host, ':') ? "cannot listen on [%s]:%s: %s"
                                                     : "cannot listen on %s:%s: %s",
                    o->host, o->port, reason);
        return false;
    }
    p->signals = signals_open();
    if (p->signals < 0) {
        report_line(o->program, "cannot catch signals: %s", strerror(errno));
        return false;
    }
    if (most != 0 && (uint32_t)p->signals >= most) {
        report_line(o->program, "cannot watch its own descriptors: the parent left too"
                                " many open below them");
        return false;
    }
    return true;
}

/* How many clients may be served at a time. */
static void bound_clients(struct program *p, uint32_t most)
{
    const struct options *o = &p->options;

    p->max_clients = most;
    if (o->max_clients > (long)p->max_clients)
        report_line(o->program, "--max-clients %ld is more than %s and RLIMIT_NOFILE allow:"
                                " serving %u at a time", o->max_clients,
                    p->mechanism->name, p->max_clients);
    else if (o->max_clients != 0)
        p->max_clients = (uint32_t)o->max_clients;
}

bool program_open(struct program *p, struct loop *l, const struct mechanism *m, int argc,
                  char **argv)
{
    struct options *o = &p->options;
    uint32_t allowed = clients_allowed(m);

    *p = (struct program){ .mechanism = m, .status = EXIT_SUCCESS };
    signal(SIGPIPE, SIG_IGN);    /* so that a write fails, and does not end the program */
    signal(SIGXFSZ, SIG_IGN);
    if (!open_standard_descriptors(m->server))
        return false;
    options_parse(o, argc, argv, m->server, m->port, m->help ? m->help : "");
    if (!open_descriptors(p))
        return false;
    bound_clients(p, allowed);
    loop_init(l, m, o);
    return true;
}

bool program_announce(struct program *p)
{
    const struct options *o = &p->options;
    char name[NET_NAME_MAX];

    if (net_name(p->listener, getsockname, name) == NULL) {
        report_line(o->program, "cannot tell its own address: %s", strerror(errno));
        return false;
    }
    /* An earlier ledger is emptied only now, when nothing else can fail.  A pipe cannot be
     * emptied, and need not be. */
    if (o->ledger != NULL && o->ledger != stdout && ftruncate(fileno(o->ledger), 0) < 0
        && errno != EINVAL) {
        report_line(o->program, "cannot empty the ledger's file: %s", strerror(errno));
        return false;
    }
    printf("%s: serving %s on %s\n", o->program, service_name(o->service), name);
    if (fflush(stdout) != 0) {
        report_line(o->program, "cannot write to stdout: %s", strerror(errno));
        return false;
    }
    return true;
}

bool program_accept(struct program *p, struct loop *l, int *fd)
{
    switch (net_accept(p->listener, fd, &l->ledger)) {
    case NET_CLIENT:
        loop_read_clock(l);    /* its time runs from now, not from the wait */
        return true;
    case NET_GONE:
        return true;
    case NET_EMPTY:
        return false;
    case NET_FAILED:
        break;
    }
    if (errno != p->accept_error) {
        p->accept_error = errno;
        report_line(p->options.program, "cannot accept: %s; trying again every 0.1 s",
                    strerror(errno));
    }
    program_pause(l);
    return false;
}

void program_pause(struct loop *l)
{
    clock_set_alarm(&l->clock, CLOCK_ACCEPT_PAUSE, accept_pause);
}

bool program_judge_wait(struct program *p, int error, const char *cause)
{
    if (error == EINTR || error == ENOMEM)
        return true;
    /* Of several threads, one says it. */
    if (atomic_exchange(&p->status, EXIT_FAILURE) != EXIT_FAILURE)
        report_line(p->options.program, "%s failed: %s%s%s; the next one would fail too, so"
                    " the server ends", p->mechanism->wait, strerror(error),
                    cause ? ": " : "", cause ? cause : "");
    return false;
}

bool program_hear(struct program *p, struct loop *l)
{
    int asked = signals_take(p->signals);
    char text[LEDGER_TEXT_MAX];

    narrate_turn(&l->narrator, "the self-pipe", p->signals, "");
    if (asked & SIGNALS_REPORT)
        report_text(text, ledger_table(&l->ledger, text));
    return (asked & SIGNALS_STOP) && !p->stopping;
}

void program_stop(struct program *p, struct loop *l)
{
    p->stopping = true;
    close(p->listener);
    p->listener = -1;
    clock_set_alarm(&l->clock, CLOCK_ACCEPT_PAUSE, 0);
    loop_stop(l);
}

static bool write_ledger(FILE *to, const struct ledger *l)
{
    char json[LEDGER_TEXT_MAX];
    size_t size = ledger_json(l, json);
    bool written = fwrite(json, 1, size, to) == size && fflush(to) == 0;

    return (to == stdout || fclose(to) == 0) && written;
}

int program_close(struct program *p, struct loop *l)
{
    const struct options *o = &p->options;
    char text[LEDGER_TEXT_MAX];
    struct conn *c;

    while ((c = conn_next(l, NULL)) != NULL)
        conn_close(c, l);
    if (p->listener >= 0)
        close(p->listener);
    loop_read_clock(l);
    narrate_rest(&l->narrator);
    if (o->ledger != NULL && !write_ledger(o->ledger, &l->ledger)) {
        report_line(o->program, "cannot write the ledger: %s", strerror(errno));
        p->status = EXIT_FAILURE;
    }
    report_text(text, ledger_summary(&l->ledger, text));
    close(p->signals);
    return p->status;
}
