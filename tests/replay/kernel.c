/* The half of books.h that knows the kernel. */
#include "kernel.h"

#include "../lib/check.h"

#include <string.h>

const char *books_crook = "";

static bool crooked(const char *rule)
{
    return strcmp(books_crook, rule) == 0;
}

bool by_epoll(const struct books *b)
{
    return b->kind == BY_EPOLL_LT || b->kind == BY_EPOLL_ET;
}

uint32_t books_readiness(const struct books *b, int fd)
{
    const struct slot *s = &b->slots[fd];
    const struct peer *p;
    uint32_t ready = s->blocked && !crooked("full-is-writable") ? 0 : EPOLLOUT;

    switch (s->who) {
    case LISTENER: return b->waiting > 0 ? EPOLLIN : 0;
    case SIGNALS: return b->signal ? EPOLLIN : 0;
    case SILENT: return ready;
    default: break;
    }
    p = &b->peers[s->who - 'A'];
    if (p->said > p->taken)
        ready |= EPOLLIN;
    if (p->fin && !crooked("fin-is-nothing"))
        ready |= EPOLLIN | EPOLLRDHUP | (s->shut ? EPOLLHUP : 0);
    return ready;
}

static bool on_list(const struct books *b, int fd)
{
    for (int i = 0; i < b->ready_count; i++)
        if (b->ready[i] == fd)
            return true;
    return false;
}

void off_list(struct books *b, int fd)
{
    int kept = 0;

    for (int i = 0; i < b->ready_count; i++)
        if (b->ready[i] != fd)
            b->ready[kept++] = b->ready[i];
    b->ready_count = kept;
}

/* Something has happened to the socket: epoll puts it on its ready list, if that is among
 * what it was asked to watch. */
void happened(struct books *b, int fd, uint32_t what)
{
    if (by_epoll(b) && fd >= 0 && b->slots[fd].listed && (b->slots[fd].interest & what)
        && !on_list(b, fd))
        b->ready[b->ready_count++] = (short)fd;
}

int slot_of(const struct books *b, char who)
{
    for (int fd = 0; fd < b->top; fd++)
        if (b->slots[fd].who == who)
            return fd;
    return -1;
}

void books_came(struct books *b, int peer)
{
    b->backlog[b->waiting++] = (short)peer;
    happened(b, slot_of(b, LISTENER), EPOLLIN);
}

void books_said(struct books *b, int peer, uint32_t bytes)
{
    b->peers[peer].said += bytes;
    happened(b, b->peers[peer].slot, EPOLLIN);
}

void books_finished(struct books *b, int peer)
{
    b->peers[peer].fin = true;
    happened(b, b->peers[peer].slot, EPOLLIN | EPOLLRDHUP);
}

void books_room(struct books *b, int fd)
{
    if (b->slots[fd].blocked) {
        b->slots[fd].blocked = false;
        happened(b, fd, EPOLLOUT);
    }
}

void books_signalled(struct books *b)
{
    b->signal = true;
    happened(b, slot_of(b, SIGNALS), EPOLLIN);
}

/* A level-triggered descriptor that was reported is still on the list when the next wait
 * begins; that one looks, and takes off what is no longer ready. */
void leave_list(struct books *b)
{
    for (int i = b->ready_count; i-- > 0; ) {
        int fd = b->ready[i];

        if (!(books_readiness(b, fd) & b->slots[fd].interest))
            off_list(b, fd);
    }
}

/* What epoll will report, by walking its ready list: the first `most` that are ready for what
 * they are watched for. A level-triggered one goes back to the end, to be looked at by the
 * next wait; an edge-triggered one is off. */
int walk_list(struct books *b, int most, short due[], uint32_t due_events[])
{
    short again[FDS];
    int n = 0, looked = 0, kept = 0;

    while (looked < b->ready_count && n < most) {
        short fd = b->ready[looked++];
        uint32_t events = books_readiness(b, fd) & b->slots[fd].interest;

        if (events == 0)
            continue;
        due[n] = fd;
        due_events[n++] = events;
        if (b->kind == BY_EPOLL_LT ? !crooked("level-is-edge") : crooked("edge-is-level"))
            again[kept++] = fd;
    }
    b->ready_count -= looked;
    memmove(b->ready, b->ready + looked, (size_t)b->ready_count * sizeof b->ready[0]);
    memcpy(b->ready + b->ready_count, again, (size_t)kept * sizeof again[0]);
    b->ready_count += kept;
    return n;
}

void books_hold_sleep(const struct books *b)
{
    for (int i = 0; i < b->ready_count; i++)
        check(!(books_readiness(b, b->ready[i]) & b->slots[b->ready[i]].interest),
              "derived: descriptor %d is on epoll's ready list; its wait sleeps", b->ready[i]);
    for (int fd = 0; fd < b->top && !by_epoll(b); fd++)
        check(!b->slots[fd].listed || !(books_readiness(b, fd) & b->slots[fd].interest),
              "derived: descriptor %d is ready; its wait sleeps", fd);
}
