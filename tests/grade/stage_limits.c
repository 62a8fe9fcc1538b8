/* Stage 7, limits: what when descriptors run out, and when their numbers grow large? */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include "../lib/guard.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAITING = 4, SPARE = FD_SETSIZE - 24, NUMBERED = 40, SERVED_LEAST = 5 };

/* The lowest descriptor number that the process does not use. */
static rlim_t next_descriptor(pid_t pid)
{
    char path[64];
    int fd = 0;

    do
        snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd++);
    while (access(path, F_OK) == 0);
    return (rlim_t)fd - 1;
}

/* From now on no process of the server can open another descriptor. */
static void take_descriptors(struct exam *e, const struct tree *t, struct rlimit was[])
{
    for (int i = 0; i < t->count; i++) {
        struct rlimit now;

        if (prlimit(t->pids[i], RLIMIT_NOFILE, NULL, &was[i]) < 0)
            not_possible(e, "its limit cannot be lowered: %s", strerror(errno));
        now = was[i];
        now.rlim_cur = next_descriptor(t->pids[i]);
        prlimit(t->pids[i], RLIMIT_NOFILE, &now, NULL);
    }
}

static void give_back(const struct tree *t, const struct rlimit was[])
{
    for (int i = 0; i < t->count; i++)
        prlimit(t->pids[i], RLIMIT_NOFILE, &was[i], NULL);
}

/* The situation of both checks: one client inside, some that cannot be accepted. */
struct want {
    struct tree tree;
    struct rlimit was[TREE_MOST];
    struct question q[WAITING];
    int inside, fds[WAITING], count;
};

static void make_want(struct exam *e, struct want *w)
{
    blame_end(e, "emfile-ends-it", "emfile-ends-it");
    e->sheet->blamed_backlog = "stranded"; /* whatever the trigger */
    did(e, "A client asked");
    expects(e, "a reply");
    ask(e, w->inside = come(e));
    settle(e, w->inside);
    subject_tree(e->subject, &w->tree);
    take_descriptors(e, &w->tree, w->was);
    for (w->count = 0; w->count < WAITING; w->count++) {
        struct question *q = &w->q[w->count];
        int fd = client_try(&e->subject->server, NULL);

        if ((w->fds[w->count] = fd) < 0)
            break;
        question_make(e, q);
        if (send(fd, q->in, q->in_len, MSG_NOSIGNAL) < 0)
            continue; /* it was turned away: that is seen later */
    }
    did(e, "The server has no descriptor left (EMFILE); one client is inside, and %d "
           "more came", w->count);
}

static void want_is_calm(struct exam *e)
{
    static struct want w;

    make_want(e, &w);
    blame(e, SPINS, "emfile-spin");
    expect_calm(e, "while nobody can be accepted");
    give_back(&w.tree, w.was);
}

/* Who was not accepted is served once there are descriptors, or was turned away. */
static void want_is_served(struct exam *e)
{
    static struct want w;
    double start;

    make_want(e, &w);
    expects(e, "a reply for the one inside");
    blame_all(e, "emfile-ends-it");
    settle(e, w.inside);
    ask(e, w.inside);
    give_back(&w.tree, w.was);
    did(e, "The server had no descriptor left (EMFILE) and %d clients came; then there "
           "were descriptors again", w.count);
    expects(e, "a reply for each");
    start = guard_now();
    blame_all(e, "stranded");
    for (int i = 0; i < w.count; i++) {
        double end = start + 2 * e->patience;
        char bytes[200];

        switch (client_wait(w.fds[i], end)) {
        case CLIENT_AT_EOF:
        case CLIENT_RESET:
            continue;
        case CLIENT_HAS_BYTES:
            if (recv(w.fds[i], bytes, sizeof bytes, MSG_PEEK) == 6
                && !memcmp(bytes, "3@0 6@", 6))
                continue;
            break;
        case CLIENT_QUIET:
            e->sheet->asker = port_of(w.fds[i]);
            fail(e, SILENCE, NULL, "nothing for %d of them", w.count - i);
        }
        hear_reply(e, w.fds[i], &w.q[i]);
    }
    ask(e, come(e));
}

/* Has it been served, or turned away? */
static bool is_heard(const struct want *w, int i)
{
    return client_wait(w->fds[i], guard_now()) != CLIENT_QUIET;
}

/* The same, while the one inside goes on talking: whoever tries again only when nobody
 * speaks leaves the others outside. Returns the longest time in which nobody spoke. */
static double talk_on(struct exam *e)
{
    static struct want w;
    double end, said, silence = 0;
    int left = 0;

    make_want(e, &w);
    blame_all(e, "emfile-ends-it");
    settle(e, w.inside);
    did(e, "The server had no descriptor left (EMFILE) and %d clients came; then there were "
           "descriptors again, and one client went on talking", w.count);
    expects(e, "a reply for each");
    ask(e, w.inside);
    said = guard_now();
    give_back(&w.tree, w.was);
    for (end = said + 2 * e->patience; guard_now() < end;
         guard_sleep_until(guard_now() + 0.005)) {
        left = 0;
        for (int i = 0; i < w.count; i++)
            left += !is_heard(&w, i);
        if (guard_now() - said > silence)
            silence = guard_now() - said;
        if (left == 0)
            break;
        said = guard_now();
        ask(e, w.inside);
    }
    if (left == 0) {
        for (int i = 0; i < w.count; i++)
            close(w.fds[i]);
        close(w.inside);
        return silence;
    }
    for (int i = w.count; i-- > 0;)
        if (!is_heard(&w, i))
            e->sheet->asker = port_of(w.fds[i]);
    e->sheet->nuance = "while-others-talk";
    blame(e, SILENCE, "stranded");
    fail(e, SILENCE, NULL, "nothing for %d of them, as long as one talks", left);
}

/* On a busy machine the one that talks may be silent for a moment itself: then it is no proof
 * that all were served. */
static void want_while_others_talk(struct exam *e)
{
    for (int tries = 0; tries < 6 && talk_on(e) > 0.05; tries++)
        ;
}

/* With so many descriptors in use already, clients lie on both sides of FD_SETSIZE: each
 * is either served properly or turned away. */
static void numbers(struct exam *e)
{
    int fds[NUMBERED], served = 0, count = 0;
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2 * FD_SETSIZE)
        not_possible(e, "the hard limit of descriptors is %lu here, see ulimit -Hn",
                     (unsigned long)limit.rlim_max);
    did(e, "The server was started with %d descriptors in use; %d clients came", SPARE,
        NUMBERED);
    expects(e, "each served or turned away, at least %d served", SERVED_LEAST);
    blame_all(e, "fd-setsize");
    blame_end(e, "fd-setsize", "fd-setsize");
    for (int i = 0; i < NUMBERED; i++) {
        struct question q;
        int fd = come(e);

        question_make(e, &q);
        say(e, fd, q.in, q.in_len);
        switch (client_wait(fd, guard_now() + e->patience)) {
        case CLIENT_AT_EOF:
        case CLIENT_RESET:
            close(fd);
            continue;
        case CLIENT_HAS_BYTES:
            if (recv(fd, q.in, sizeof q.in, MSG_PEEK) == 6 && !memcmp(q.in, "3@0 6@", 6)) {
                close(fd);
                continue;
            }
            break;
        case CLIENT_QUIET:
            break;
        }
        hear_reply(e, fd, &q);
        fds[count++] = fd;
        served++;
    }
    for (int i = 0; i < count; i++)
        ask(e, fds[i]);
    if (served < SERVED_LEAST)
        fail(e, ENDED, e->closing ? e->closing : "few-clients", "%d served", served);
}

const struct check limits_checks[] = {
    { "want-is-calm", 3, want_is_calm, 0 },
    { "want-is-served", 2, want_is_served, 0 },
    { "want-while-others-talk", 2, want_while_others_talk, 0 },
    { "numbers", 3, numbers, SPARE },
    { 0 }
};
