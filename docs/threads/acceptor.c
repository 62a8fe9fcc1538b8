#define _GNU_SOURCE
#include "acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/net.h"
#include "../../common/report.h"

enum { PAUSE_MS = 100 };    /* of accepting, when it cannot be done */

/* Wait 0.1 s, or until something is free: the main thread says so. */
static void pause_accepting(struct acceptors *a, struct worker *w)
{
    int n, none[MAILBOX_ROOM];
    struct epoll_event e;
    bool stop = false;

    atomic_store(&a->net->wanting, true);
    n = epoll_wait(w->epoll, &e, 1, PAUSE_MS);
    if (n == 1) {
        worker_take_mail(w, none, &stop);
    } else if (n < 0 && !program_judge_wait(a->net->program, errno, NULL)) {
        mailbox_ask(&a->net->box, MAILBOX_STOP);    /* the main thread ends the server */
        stop = true;
    }
    w->stopping = w->stopping || stop;
}

static void throttle(struct acceptors *a, struct worker *w, int error)
{
    const char *program = a->net->program->options.program;

    if (atomic_exchange(&a->told, error) != error)
        report_line(program, "cannot accept: %s; throttling, trying again every 0.1 s",
                    strerror(error));
    pause_accepting(a, w);
}

/* Several threads may put into one mailbox, so it may be full though it had room.  The client
 * is ours already: wait for room. */
static void hand_over(struct acceptors *a, struct worker *w, int fd)
{
    unsigned now = crew_enter(a->net);
    struct worker *to;

    if (now == 0) {
        conn_refuse(&w->loop, fd);
        return;
    }
    if (now > w->loop.ledger.peak)
        w->loop.ledger.peak = now;
    while ((to = crew_next(a->net)) == NULL || !mailbox_put(&to->box, fd)) {
        if (atomic_load(&a->net->running) == 0) {    /* they could not go on: the end */
            close(fd);
            return;
        }
        pause_accepting(a, w);
    }
}

static void *run_acceptor(void *argument)
{
    struct worker *w = argument;
    struct acceptors *a = LINK_OWNER(w->crew, struct acceptors, crew);
    int fd;

    while (!w->stopping && !mailbox_stops(&w->box)) {
        enum net_accept outcome = net_accept(a->net->program->listener, &fd, &w->loop.ledger);

        if (outcome == NET_CLIENT)
            hand_over(a, w, fd);
        else if (outcome == NET_FAILED && !mailbox_stops(&w->box))
            throttle(a, w, errno);
        worker_publish(w);
    }
    worker_end(w);
    return NULL;
}

bool acceptors_open(struct acceptors *a, struct crew *net, unsigned count)
{
    int listener = net->program->listener;

    *a = (struct acceptors){ .net = net };
    return crew_open(&a->crew, net->program, count, "accept thread")
           && fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK) == 0;
}

bool acceptors_start(struct acceptors *a)
{
    return crew_start(&a->crew, run_acceptor);
}

void acceptors_collect(struct acceptors *a, struct loop *main_loop)
{
    struct ledger *sum = &main_loop->ledger;

    loop_read_clock(main_loop);
    *sum = (struct ledger){ .age = sum->age, .server = sum->server,
                            .mechanism = sum->mechanism, .service = sum->service };
    for (unsigned i = 0; i < a->crew.count; i++) {
        struct ledger report = worker_published(&a->crew.workers[i]);

        ledger_add(sum, &report);
        if (report.peak > sum->peak)
            sum->peak = report.peak;
    }
}

void acceptors_freed(struct acceptors *a)
{
    atomic_store(&a->net->wanting, false);
    for (unsigned i = 0; i < a->crew.count; i++)
        mailbox_ask(&a->crew.workers[i].box, MAILBOX_FREED);
}

/* close(2) would not wake a thread that sleeps in accept, and would free the number for
 * another descriptor meanwhile; shutdown(2) wakes them all. */
void acceptors_stop(struct acceptors *a)
{
    crew_stop(&a->crew);
    shutdown(a->net->program->listener, SHUT_RDWR);
    crew_join(&a->crew);
}
