#define _GNU_SOURCE
#include "books.h"
#include "kernel.h"

#include "../lib/check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>

void books_init(struct books *b, enum mechanism_kind kind)
{
    *b = (struct books){ .kind = kind, .epoll = -1 };
    for (int i = 0; i < PEERS; i++)
        b->peers[i].slot = -1;
}

static struct peer *peer_of(struct books *b, int fd)
{
    char who = b->slots[fd].who;

    return who >= 'A' && who < 'A' + PEERS ? &b->peers[who - 'A'] : NULL;
}

/* At the first wait it is known which descriptors are the program's own: the listener was
 * made before the self-pipe. */
static void name_own(struct books *b)
{
    for (int fd = 0; fd < b->top; fd++)
        if (b->slots[fd].listed && b->slots[fd].who == NOBODY)
            b->slots[fd].who = slot_of(b, LISTENER) < 0 ? LISTENER : SIGNALS;
}

static void watch(struct books *b, int fd, bool listed, uint32_t interest)
{
    check(fd >= 0 && fd < FDS, "descriptor %d", fd);
    b->slots[fd].listed = listed;
    b->slots[fd].interest = interest;
    if (listed && fd >= b->top)
        b->top = fd + 1;
}

static void read_sets(struct tracee const *t, fd_set *readers, fd_set *writers)
{
    size_t size = (t->argument[0] + 63) / 64 * 8;

    FD_ZERO(readers);
    FD_ZERO(writers);
    tracee_read(t, t->argument[1], readers, size);
    tracee_read(t, t->argument[2], writers, size);
}

static uint32_t bits_of(int fd, fd_set *readers, fd_set *writers)
{
    return (FD_ISSET(fd, readers) ? (uint32_t)EPOLLIN : 0)
           | (FD_ISSET(fd, writers) ? (uint32_t)EPOLLOUT : 0);
}

static void enter_select(struct books *b, const struct tracee *t)
{
    fd_set readers, writers;

    read_sets(t, &readers, &writers);
    b->described = (int)t->argument[0];
    for (int fd = 0; fd < (b->described > b->top ? b->described : b->top); fd++) {
        uint32_t bits = fd < b->described ? bits_of(fd, &readers, &writers) : 0;

        watch(b, fd, bits != 0, bits);
    }
}

static void enter_poll(struct books *b, const struct tracee *t)
{
    struct pollfd entries[FDS];

    b->described = (int)t->argument[1];
    check(b->described <= FDS, "%d entries", b->described);
    tracee_read(t, t->argument[0], entries, (size_t)b->described * sizeof entries[0]);
    for (int fd = 0; fd < b->top; fd++)
        watch(b, fd, false, 0);
    for (int i = 0; i < b->described; i++) {
        b->array[i] = (short)entries[i].fd;
        if (entries[i].fd >= 0)
            watch(b, entries[i].fd, true, (uint32_t)entries[i].events);
    }
}

/* -1 for ever, 0 not at all, else 1. */
static int timeout_of(const struct tracee *t)
{
    long time[2];
    int ms;

    if (t->class == CALL_IS_SELECT) {
        if (t->argument[4] == 0)
            return -1;
        tracee_read(t, t->argument[4], time, sizeof time);
        return time[0] > 0 || time[1] > 0;
    }
#ifdef SYS_poll
    ms = (int)t->argument[t->class == CALL_IS_POLL ? 2 : 3];
#else
    ms = (int)t->argument[3];
#endif
    return ms > 0 ? 1 : ms;
}

bool books_has_work(const struct books *b, int fd)
{
    const struct slot *s = &b->slots[fd];
    uint32_t wants = s->out > 0 ? EPOLLOUT : EPOLLIN;

    return b->kind == BY_EPOLL_ET && s->who != NOBODY && s->who != LISTENER
           && s->who != SIGNALS && (s->heard & wants);
}

/* A program that has work left gives its wait no time; and the other way round. */
static void hold_timeout(const struct books *b)
{
    bool work = b->backlog_heard && !b->paused;

    for (int fd = 0; fd < b->top && !work; fd++)
        work = books_has_work(b, fd);
    if (b->kind == BY_EPOLL_ET)
        check(work == (b->timeout == 0), "derived: %s; its wait: %s", work ?
              "the program has work on its ready list" : "the program's ready list is empty",
              b->timeout == 0 ? "does not sleep" : "sleeps");
}

void books_enter(struct books *b, const struct tracee *t)
{
    if (!tracee_waits(t))
        return;
    if (t->class == CALL_IS_SELECT)
        enter_select(b, t);
    else if (t->class == CALL_IS_POLL)
        enter_poll(b, t);
    else
        b->epoll = (int)t->argument[0];
    name_own(b);
    leave_list(b);
    b->timeout = timeout_of(t);
    hold_timeout(b);
}

static void report(struct books *b, int fd, uint32_t came, uint32_t due)
{
    check(came == due, "derived: descriptor %d is ready for %#x; its wait said %#x", fd, due,
          came);
    b->slots[fd].reported = came;
    b->ledger.ready++;
}

static void return_epoll(struct books *b, const struct tracee *t)
{
    struct epoll_event events[FDS];
    short due[FDS];
    uint32_t due_events[FDS];
    int n = walk_list(b, (int)t->argument[2], due, due_events);

    check(n == t->result, "derived: %d on epoll's ready list; its wait said %ld", n, t->result);
    tracee_read(t, t->argument[1], events, (size_t)n * sizeof events[0]);
    for (int i = 0; i < n; i++) {
        struct slot *s = &b->slots[due[i]];

        check(events[i].data.u64 == s->owner, "derived: descriptor %d is reported as number"
              " %d; its wait named another", due[i], i + 1);
        report(b, due[i], events[i].events, due_events[i]);
        if (b->kind != BY_EPOLL_ET)
            continue;
        s->heard |= s->reported;
        if (s->reported & (EPOLLERR | EPOLLHUP))
            s->heard |= EPOLLIN | EPOLLOUT;
        if (s->who == LISTENER)
            b->backlog_heard = true;
    }
    b->ledger.scanned += (uint64_t)n;
    b->ledger.kernel_bytes += (uint64_t)n * sizeof events[0];
}

static void return_select(struct books *b, const struct tracee *t)
{
    fd_set readers, writers;
    int highest = -1;

    read_sets(t, &readers, &writers);
    for (int fd = 0; fd < b->described; fd++) {
        uint32_t came = t->result > 0 ? bits_of(fd, &readers, &writers) : 0;
        uint32_t due = b->slots[fd].listed
                           ? books_readiness(b, fd) & b->slots[fd].interest : 0;

        if (came != 0)
            highest = fd;
        if (came != 0 || due != 0)
            report(b, fd, came, due);
        b->ledger.watched += b->slots[fd].listed;
    }
    b->ledger.scanned += (uint64_t)(highest + 1);
    b->ledger.kernel_bytes += 2 * 2 * 8 * (((uint64_t)b->described + 63) / 64);
}

static void return_poll(struct books *b, const struct tracee *t)
{
    struct pollfd entries[FDS];
    int lowest = b->described;

    tracee_read(t, t->argument[0], entries, (size_t)b->described * sizeof entries[0]);
    for (int i = b->described - 1; i >= 0; i--) {
        int fd = b->array[i];
        uint32_t due = fd >= 0 ? books_readiness(b, fd) & (b->slots[fd].interest | EPOLLHUP) : 0;

        if (fd >= 0)
            b->ledger.watched++;
        if (fd < 0 || (entries[i].revents == 0 && due == 0))
            continue;
        report(b, fd, (uint32_t)entries[i].revents, due);
        lowest = i;
    }
    b->ledger.scanned += (uint64_t)(b->described - lowest);
    b->ledger.kernel_bytes += 10 * (uint64_t)b->described;
}

static void return_wait(struct books *b, const struct tracee *t)
{
    for (int fd = 0; fd < b->top; fd++)
        b->slots[fd].reported = 0;
    b->reports = (int)t->result;
    b->ledger.waits++;
    if (t->result < 0) {    /* a signal: the sets and the array were handed over all the same */
        b->signal = false;      /* and the program takes it in this turn */
        for (int fd = 0; fd < b->top && !by_epoll(b); fd++)
            b->ledger.watched += b->slots[fd].listed;
        if (b->kind == BY_SELECT)
            b->ledger.kernel_bytes += 2 * 2 * 8 * (((uint64_t)b->described + 63) / 64);
        else if (b->kind == BY_POLL)
            b->ledger.kernel_bytes += 10 * (uint64_t)b->described;
        return;
    }
    b->ledger.wait_timeouts += t->result == 0;
    if (b->timeout == 1)
        b->paused = false;     /* 0.1 s have passed, or a client has gone */
    if (t->class == CALL_IS_SELECT)
        return_select(b, t);
    else if (t->class == CALL_IS_POLL)
        return_poll(b, t);
    else
        return_epoll(b, t);
    if (slot_of(b, SIGNALS) >= 0 && b->slots[slot_of(b, SIGNALS)].reported)
        b->signal = false;    /* the program takes it in this turn */
}

static void return_control(struct books *b, const struct tracee *t)
{
    struct epoll_event e;
    int fd = (int)t->argument[2];

    check(t->result == 0, "epoll_ctl failed: %s", strerror((int)-t->result));
    check(t->argument[1] != EPOLL_CTL_DEL, "EPOLL_CTL_DEL");
    tracee_read(t, t->argument[3], &e, sizeof e);
    watch(b, fd, true, e.events);
    b->slots[fd].owner = e.data.u64;
    b->ledger.interest_calls++;
    b->ledger.kernel_bytes += sizeof e;
    if (b->slots[fd].who != NOBODY)
        happened(b, fd, books_readiness(b, fd));
}

static void return_accept(struct books *b, const struct tracee *t)
{
    int fd = (int)t->result, peer = b->backlog[0];

    b->ledger.accept_calls++;
    b->ledger.would_block += fd == -EAGAIN;
    if (fd == -EMFILE || fd == -ENFILE)
        b->paused = true;
    if (fd == -EAGAIN)
        b->backlog_heard = false;
    if (fd < 0)
        return;
    check(b->waiting > 0 && fd < FDS, "accept gave descriptor %d", fd);
    memmove(b->backlog, b->backlog + 1, (size_t)--b->waiting * sizeof b->backlog[0]);
    b->slots[fd] = (struct slot){ .who = peer < 0 ? SILENT : (char)('A' + peer) };
    if (fd >= b->top)
        b->top = fd + 1;
    if (peer >= 0)
        b->peers[peer].slot = fd;
    b->ledger.accepted++;
    if (++b->ledger.now > b->ledger.peak)
        b->ledger.peak = b->ledger.now;
}

/* Complete frames leave the program's input buffer: how many, and what is left of it. */
static void take_frames(struct books *b, struct slot *s, const char *text, uint32_t have)
{
    uint32_t at = 0;

    for (;;) {
        uint32_t size = 0, i = at;

        while (i < have && (text[i] == '\r' || text[i] == '\n' || text[i] == ' '))
            i++;
        at = i;
        while (i < have && text[i] >= '0' && text[i] <= '9')
            size = size * 10 + (uint32_t)(text[i++] - '0');
        if (i >= have || text[i] != '@' || i + 1 + size >= have)
            break;
        at = i + 1 + size + 1;
        b->ledger.requests++;
    }
    s->in = have - at;
}

static void return_recv(struct books *b, const struct tracee *t, const struct words *w)
{
    int fd = (int)t->argument[0];
    struct slot *s = &b->slots[fd];
    struct peer *p = peer_of(b, fd);
    bool shortly = t->result > 0 && (unsigned long)t->result < t->argument[2];

    check(p != NULL, "recv of descriptor %d", fd);
    b->ledger.read_calls++;
    b->ledger.would_block += t->result == -EAGAIN;
    if (t->result == 0)
        p->fin_taken = true;
    if (t->result > 0) {
        uint32_t have = s->in + (uint32_t)t->result;

        b->ledger.bytes_in += (uint64_t)t->result;
        p->taken += (uint32_t)t->result;
        take_frames(b, s, w->said[p - b->peers] + p->taken - have, have);
    }
    if (t->result == -EAGAIN
        || (shortly && !(s->heard & (EPOLLRDHUP | EPOLLPRI | EPOLLHUP | EPOLLERR))))
        s->heard &= ~(uint32_t)EPOLLIN;
}

static void return_send(struct books *b, const struct tracee *t)
{
    struct slot *s = &b->slots[t->argument[0]];

    b->ledger.write_calls++;
    b->ledger.would_block += t->result == -EAGAIN;
    s->out = (uint32_t)t->argument[2] - (t->result > 0 ? (uint32_t)t->result : 0);
    b->ledger.bytes_out += t->result > 0 ? (uint64_t)t->result : 0;
    if (s->out > 0)
        s->heard &= ~(uint32_t)EPOLLOUT;
}

static void return_close(struct books *b, const struct tracee *t)
{
    int fd = (int)t->argument[0];
    struct peer *p = fd >= 0 && fd < FDS ? peer_of(b, fd) : NULL;

    if (p == NULL)
        return;
    p->slot = -1;
    b->slots[fd] = (struct slot){ 0 };
    off_list(b, fd);
    while (b->top > 0 && b->slots[b->top - 1].who == NOBODY)
        b->top--;
    b->ledger.now--;
    b->ledger.closed_by_peer++;
    b->paused = false;
}

void books_return(struct books *b, const struct tracee *t, const struct words *w)
{
    switch (t->class) {
    case CALL_IS_SELECT: case CALL_IS_POLL: case CALL_IS_EPOLL_WAIT: return_wait(b, t); break;
    case CALL_IS_CONTROL: return_control(b, t); break;
    case CALL_IS_ACCEPT: return_accept(b, t); break;
    case CALL_IS_RECV: return_recv(b, t, w); break;
    case CALL_IS_SEND: return_send(b, t); break;
    case CALL_IS_SHUTDOWN: b->slots[t->argument[0]].shut = t->result == 0; break;
    case CALL_IS_CLOSE: return_close(b, t); break;
    case CALL_IS_SAY: case CALL_IS_OTHER: break;
    }
}
