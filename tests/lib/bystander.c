#define _GNU_SOURCE
#include "bystander.h"

#include "check.h"
#include "client.h"
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct report {
    long asked;
    double worst;   /* seconds */
    char wrong[200]; /* "" while all is well */
};

/* Asks a sum; false, with report->wrong said, when the reply is not the right one. */
static bool ask(int fd, struct report *r)
{
    char sum[64], out[80], want[80], got[80];
    double start = guard_now(), took;
    size_t n = 0;
    int len, due;

    len = snprintf(sum, sizeof sum, "%ld + %ld", r->asked, r->asked * 7);
    len = snprintf(out, sizeof out, "%d@%s@", len, sum);
    due = snprintf(sum, sizeof sum, "%ld 0", r->asked * 8);
    due = snprintf(want, sizeof want, "%d@%s@", due, sum);
    if (send(fd, out, (size_t)len, MSG_NOSIGNAL) != len) {
        snprintf(r->wrong, sizeof r->wrong, "sending: %s", strerror(errno));
        return false;
    }
    while (n < (size_t)due && guard_wait(fd, POLLIN, start + GUARD)) {
        ssize_t got_now = recv(fd, got + n, sizeof got - n, 0);

        if (got_now <= 0)
            break;
        n += (size_t)got_now;
    }
    took = guard_now() - start;
    r->worst = took > r->worst ? took : r->worst;
    r->asked++;
    if (n == (size_t)due && memcmp(got, want, n) == 0)
        return true;
    snprintf(r->wrong, sizeof r->wrong, "asked %s, expected %s, got \"%.*s\" in %.1f s",
             out, want, (int)n, got, took);
    return false;
}

/* Reports after the first sum, and again at the end. */
static void live(int fd, int control, int report)
{
    struct pollfd p = { .fd = control, .events = POLLIN };
    struct report r = { .asked = 0 };
    bool well = true;
    long wanted;

    do {
        well = well && ask(fd, &r);
        if (r.asked == 1 && write(report, &r, sizeof r) < 0)
            _exit(1);
    } while (poll(&p, 1, 2) == 0);
    /* The parent says how many sums it wants in all. */
    if (read(control, &wanted, sizeof wanted) != sizeof wanted)
        _exit(1);
    while (well && r.asked < wanted)
        well = ask(fd, &r);
    if (write(report, &r, sizeof r) < 0)
        _exit(1);
    _exit(0);
}

static void read_report(struct bystander *b, struct report *r)
{
    check(guard_wait(b->report, POLLIN, guard_now() + 2 * GUARD)
              && read(b->report, r, sizeof *r) == sizeof *r,
          "the bystander did not report");
}

void bystander_start(struct bystander *b, const struct server *s)
{
    int control[2], report[2], fd = client_open(s);
    struct report first;

    check(pipe2(control, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0, "pipe2: %s",
          strerror(errno));
    b->pid = fork();
    check(b->pid >= 0, "fork: %s", strerror(errno));
    if (b->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(control[1]);
        close(report[0]);
        live(fd, control[0], report[1]);
    }
    close(fd);
    close(control[0]);
    close(report[1]);
    b->control = control[1];
    b->report = report[0];
    read_report(b, &first);
    check(!first.wrong[0], "bystander: %s", first.wrong);
}

void bystander_expect_well(struct bystander *b, long asked)
{
    struct report r;

    check(write(b->control, &asked, sizeof asked) == sizeof asked,
          "the bystander is gone");
    close(b->control);
    read_report(b, &r);
    close(b->report);
    waitpid(b->pid, NULL, 0);
    check(!r.wrong[0], "bystander: %s", r.wrong);
    check(r.worst < BYSTANDER_PATIENCE,
          "bystander: the worst of %ld replies took %.1f s, expected under %g s",
          r.asked, r.worst, BYSTANDER_PATIENCE);
}
