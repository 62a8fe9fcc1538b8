/* The bystander of badclient: tests/lib has one for its own tests, this one speaks echo
 * too and tells how it fared. */
#define _GNU_SOURCE
#include "badclient.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 2.0 /* seconds; no promise of the servers, but a sign of one stuck */

struct report {
    long asked;
    double slowest;
};

/* Where nobody reads it, the test has failed elsewhere. */
static void report_back(int fd, const struct report *report)
{
    if (write(fd, report, sizeof *report) < 0)
        _exit(CHECK_FAIL);
}

/* A check that fails here prints the FAIL line and exits: the parent sees the end of
 * the report pipe and need only exit too. */
static _Noreturn void witness_live(struct talk *talk, int control, int report_fd)
{
    struct pollfd slot = { .fd = control, .events = POLLIN };
    struct report report = { .asked = 0 };

    do {
        double start = guard_now(), took;

        talk->limit++;
        talk_complete(talk);
        took = guard_now() - start;
        if (took > report.slowest)
            report.slowest = took;
        if (report.asked++ == 0)
            report_back(report_fd, &report);
    } while (poll(&slot, 1, 1) == 0);
    report_back(report_fd, &report);
    _exit(0);
}

static void read_report(const struct witness *w, struct report *report)
{
    check(guard_wait(w->report, POLLIN, guard_now() + 2 * guard_seconds()),
          "the bystander hangs");
    if (read(w->report, report, sizeof *report) != sizeof *report)
        exit(CHECK_FAIL);
}

void witness_start(struct witness *w, struct plan *plan)
{
    static struct talk talk;
    int control[2], report[2];
    struct report first;

    talk_open(&talk, &plan->target, 0, NULL);
    check(pipe2(control, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0, "pipe2: %s",
          strerror(errno));
    w->pid = fork();
    check(w->pid >= 0, "fork: %s", strerror(errno));
    if (w->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(control[1]);
        close(report[0]);
        witness_live(&talk, control[0], report[1]);
    }
    close(talk.fd);
    close(control[0]);
    close(report[1]);
    w->control = control[1];
    w->report = report[0];
    read_report(w, &first);
}

void witness_expect_well(struct witness *w)
{
    struct report report;

    close(w->control);
    read_report(w, &report);
    close(w->report);
    waitpid(w->pid, NULL, 0);
    check(report.slowest < PATIENCE,
          "bystander: the slowest of %ld replies took %.1f s, expected under %g s",
          report.asked, report.slowest, PATIENCE);
    say("Bystander: %ld requests, all answered rightly, the slowest in %.1f ms.",
        report.asked, report.slowest * 1000);
}

/* Told "full", or closed without a word, as echo does it. */
static bool was_refused(int fd)
{
    char bytes[6];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

    return n <= 0 || (n == sizeof bytes && memcmp(bytes, "3@0 6@", sizeof bytes) == 0);
}

void expect_service(const struct plan *plan)
{
    static struct talk talk;
    double end = guard_end();
    bool refused = false;

    do {
        if (refused) {
            close(talk.fd);
            guard_pause(end, "a new client to be served");
        }
        talk_open(&talk, &plan->target, 1, NULL);
        talk.limit = 1;
        talk_send(&talk, TALK_OUT);
        client_wait(talk.fd, end);
        refused = was_refused(talk.fd);
    } while (refused);
    talk_complete(&talk);
    talk_end(&talk);
}
