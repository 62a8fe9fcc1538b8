#define _GNU_SOURCE
#include "lane.h"

#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "sentences.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const lane_names[LANES] = { "select", "poll", "epoll_lt", "epoll_et" };
const char *const lane_waits[LANES] = { "select", "poll", "epoll_wait", "epoll_wait" };

/* The caller's to fill in. */
static struct moment *lane_moment(struct lane *l, enum moment_kind kind)
{
    struct moment *m;

    if (l->count == l->room) {
        l->room = l->room > 0 ? 2 * l->room : 16;
        l->moments = realloc(l->moments, (size_t)l->room * sizeof *m);
        check(l->moments != NULL, "no memory");
    }
    m = &l->moments[l->count++];
    m->kind = kind;
    m->act = l->act;
    m->wakeup = l->wakeup;
    m->sentence[0] = m->call[0] = m->said[0] = '\0';
    m->after = l->books;
    return m;
}

/* The server's -vv, as it writes it to stderr; the ledger's table is told by its length. */
static void hear(struct lane *l)
{
    const struct tracee *t = &l->tracee;
    char text[LEDGER_TEXT_MAX + 1];
    size_t size = t->argument[2] < sizeof text ? t->argument[2] : sizeof text - 1;

    tracee_read(t, t->argument[1], text, size);
    text[size] = '\0';
    if (strstr(text, "\n  accepted ") != NULL) {
        books_hold_ledger(&l->books, text);
        l->ledger_held = true;
    } else if (strncmp(text, "wakeup", 6) == 0) {
        snprintf(l->said, sizeof l->said, "%.*s", (int)sizeof l->said - 1, text);
    }
}

static enum moment_kind kind_of(const struct tracee *t)
{
    return tracee_waits(t) ? THE_WAIT_RETURNS
           : t->class == CALL_IS_CONTROL ? THE_KERNEL_IS_TOLD : A_HANDLER_ACTS;
}

/* After a send that filled the send buffer: what is on the way goes where there is room, and
 * only then it is sure how full the buffer is. Nothing tells when that is; so nothing may move
 * for a tenth of a second. */
static void settle_send(struct lane *l, int fd)
{
    struct tracee_socket s, last = tracee_ask(&l->tracee, fd);
    double still = guard_now() + 0.1, end = guard_end();

    if ((last.ready & POLLOUT) && l->books.slots[fd].out == 0)
        return;
    while (!(last.ready & POLLOUT) && guard_now() < still) {
        guard_pause(end, "the replies on loopback");
        s = tracee_ask(&l->tracee, fd);
        if (s.unsent != last.unsent)
            still = guard_now() + 0.1;
        last = s;
    }
    l->books.slots[fd].blocked = true;
    if (last.ready & POLLOUT)
        books_room(&l->books, fd);
}

/* A call has returned: what is the case now? */
static void note_return(struct lane *l)
{
    const struct tracee *t = &l->tracee;
    struct books *before = NULL;

    if (t->class == CALL_IS_SAY) {
        hear(l);
        return;
    }
    if (tracee_waits(t))
        l->wakeup++;
    if (l->recording) {
        check((before = malloc(sizeof *before)) != NULL, "no memory");
        *before = l->books;
    }
    books_return(&l->books, t, &l->words);
    if (t->class == CALL_IS_SEND)
        settle_send(l, (int)t->argument[0]);
    if (l->recording && t->server.address_len > 0) {
        books_hold(&l->books, t);
        sentence_of_call(lane_moment(l, kind_of(t)), before, t);
    }
    free(before);
}

static void note_wait(struct lane *l)
{
    struct moment *m;

    if (!l->recording)
        return;
    m = lane_moment(l, IT_WAITS);
    snprintf(m->said, sizeof m->said, "%s", l->said);
    sentence_of_wait(m);
    l->said[0] = '\0';
}

/* Lets the server run until it sleeps in its wait. Where it would sleep for some time only
 * (0.1 s, since it is out of descriptors), it is parked before that instead, and let go with
 * the next act when that time has passed: so no clock decides what comes first. */
static void lane_run(struct lane *l)
{
    if (l->parked) {
        guard_sleep_until(l->parked_at + 0.15);
        l->parked = false;
    }
    for (;;) {
        enum tracee_stop stop = tracee_step(&l->tracee);

        check(stop != ENDED, "the server is gone");
        if (stop == ASLEEP && l->books.timeout == 1)
            continue;    /* its 0.1 s */
        if (stop == ASLEEP) {
            books_hold_sleep(&l->books);
            return;
        }
        if (stop == AT_EXIT) {
            note_return(l);
            continue;
        }
        books_enter(&l->books, &l->tracee);
        if (!tracee_waits(&l->tracee))
            continue;
        note_wait(l);
        if (l->books.timeout == 1) {
            l->parked = true;
            l->parked_at = guard_now();
            return;
        }
    }
}

void lane_start(struct lane *l, enum mechanism_kind kind, const char *build,
                const char *options)
{
    char path[400], line[400], *command[40] = { path };
    int n = 1;

    memset(l, 0, sizeof *l);
    l->kind = kind;
    books_init(&l->books, kind);
    l->act = -1;
    snprintf(path, sizeof path, "%s/%s_server", build, lane_names[kind]);
    snprintf(line, sizeof line, "-vv -i 0 -f 0 -p 0 %s", options);
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        command[n++] = word;
    command[n] = NULL;
    tracee_start(&l->tracee, command);
    lane_run(l);
    tracee_read_banner(&l->tracee);
    l->tracee.server.command = NULL;    /* it ends here */
}

static int port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t size = sizeof a;

    check(getsockname(fd, (struct sockaddr *)&a, &size) == 0, "getsockname");
    return ntohs(a.sin_port);
}

/* Waits until all that the client sent has come to the server's socket: bytes, or a FIN. */
static void await(const struct peer *p)
{
    double end = guard_end();
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    int unsent;

    while (ioctl(p->fd, TIOCOUTQ, &unsent) == 0 && unsent > 0)
        guard_pause(end, "the bytes on loopback");
    while (p->fin && getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
           && info.tcpi_state == TCP_FIN_WAIT1)
        guard_pause(end, "the FIN on loopback");
}

static void say(struct lane *l, int peer, const char *text, size_t size, bool finishes)
{
    struct peer *p = &l->books.peers[peer];

    check(p->said + size < TEXT, "client %c says too much", 'A' + peer);
    memcpy(l->words.said[peer] + p->said, text, size);
    /* With MSG_MORE the last bytes and the FIN are one segment. */
    check(send(p->fd, text, size, MSG_NOSIGNAL | (finishes ? MSG_MORE : 0)) == (ssize_t)size,
          "client %c cannot send", 'A' + peer);
    books_said(&l->books, peer, (uint32_t)size);
    if (finishes) {
        client_finish(p->fd);
        books_finished(&l->books, peer);
    }
    await(p);
}

/* Many requests: as many as the program can answer in one go. */
static void ask(struct lane *l, int peer, int count)
{
    char text[TEXT];
    size_t size = 0;

    for (int i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "15@1000000 + %05d@", i);
    say(l, peer, text, size, false);
}

/* Reads all, until nothing is on the way any more. */
static void drain(struct lane *l, int peer)
{
    struct peer *p = &l->books.peers[peer];
    double end = guard_end();
    char text[4096];
    ssize_t n;

    for (;;) {
        n = recv(p->fd, text, sizeof text, MSG_DONTWAIT);
        if (n > 0) {
            p->got += (uint32_t)n;
            continue;
        }
        if (n == 0 || tracee_ask(&l->tracee, p->slot).unsent == 0)
            break;
        guard_pause(end, "the replies on loopback");
    }
    books_room(&l->books, p->slot);
}

static void open_client(struct lane *l, int peer)
{
    const struct client_setup setup = { .rcvbuf = 2304, .maxseg = 536 };
    struct peer *p = &l->books.peers[peer];

    *p = (struct peer){ .slot = -1 };
    p->fd = client_open_with(&l->tracee.server, &setup);
    p->port = port_of(p->fd);
    books_came(&l->books, peer);
}

static void open_silent(struct lane *l, int count)
{
    check(count < FDS, "%d silent clients", count);
    for (int i = 0; i < count; i++) {
        l->silent[l->silent_count++] = client_open(&l->tracee.server);
        books_came(&l->books, -1);
        lane_run(l);
    }
}

static void act_of_client(struct lane *l, int peer, const char *what)
{
    struct peer *p = &l->books.peers[peer];
    char text[SAID];

    snprintf(text, sizeof text, "%s", what);
    if (strcmp(what, "opens") == 0) {
        open_client(l, peer);
    } else if (strncmp(what, "says ", 5) == 0) {
        char *end = strstr(text, " and finishes");

        if (end != NULL)
            *end = '\0';
        say(l, peer, text + 5, strlen(text + 5), end != NULL);
    } else if (strncmp(what, "asks ", 5) == 0) {
        ask(l, peer, atoi(what + 5));
    } else if (strcmp(what, "reads") == 0) {
        drain(l, peer);
    } else if (strcmp(what, "leaves") == 0) {
        client_finish(p->fd);
        books_finished(&l->books, peer);
        await(p);
        close(p->fd);
        p->fd = -1;
    } else {
        check_fail("a client cannot '%s'", what);
    }
}

/* The moment is that before the kernel has noted anything: books_* come after it. */
void lane_act(struct lane *l, const char *act)
{
    int most;

    if (strcmp(act, "from here") == 0) {
        l->recording = true;
        note_wait(l);
        return;
    }
    if (strcmp(act, "one descriptor") == 0) {
        most = server_next_descriptor(&l->tracee.server) + 1;
        server_limit_descriptors(&l->tracee.server, (rlim_t)most);
        return;
    }
    if (l->recording) {
        l->act++;
        l->wakeup = -1;
        sentence_of_act(lane_moment(l, A_CLIENT_ACTS), act);
    }
    if (act[0] >= 'A' && act[0] < 'A' + PEERS && act[1] == ' ')
        act_of_client(l, act[0] - 'A', act + 2);
    else if (sscanf(act, "%d open", &most) == 1)
        open_silent(l, most);
    else
        check_fail("no such act: '%s'", act);
    if (l->recording) {
        sentence_of_note(lane_moment(l, THE_KERNEL_NOTES), act[0] - 'A');
    }
    lane_run(l);
}

void lane_end(struct lane *l)
{
    struct tracee *t = &l->tracee;
    pid_t pid = t->server.pid;
    enum tracee_stop stop;

    l->recording = false;
    books_hold_system(&l->books, t);
    if (l->parked)
        lane_run(l);    /* what is ready already comes before the signal */
    books_signalled(&l->books);
    kill(t->server.pid, SIGUSR1);
    lane_run(l);
    check(l->ledger_held, "no ledger was printed");
    kill(t->server.pid, SIGTERM);
    do
        stop = tracee_step(t);
    while (stop != ENDED);
    check(t->status == 0, "the server did not end with 0");
    check_killed(pid);
    close(t->server.out);
    for (int i = 0; i < l->silent_count; i++)
        close(l->silent[i]);
    for (int i = 0; i < PEERS; i++)
        if (l->books.peers[i].fd > 0)
            close(l->books.peers[i].fd);
}

void lane_forget(struct lane *l)
{
    free(l->moments);
    memset(l, 0, sizeof *l);
}
