#define _GNU_SOURCE
#include "mailbox.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool mailbox_open(struct mailbox *m)
{
    *m = (struct mailbox){ .lock = PTHREAD_MUTEX_INITIALIZER };
    m->told = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return m->told >= 0;
}

/* The write would block only if the counter were at its end, 2^64 - 2.  Then it is not
 * zero, so the receiver has been told already. */
static void tell(const struct mailbox *m)
{
    if (eventfd_write(m->told, 1) < 0) {
        /* It has been told. */
    }
}

bool mailbox_has_room(struct mailbox *m)
{
    bool room;

    pthread_mutex_lock(&m->lock);
    room = m->count < MAILBOX_ROOM;
    pthread_mutex_unlock(&m->lock);
    return room;
}

bool mailbox_put(struct mailbox *m, int fd)
{
    bool room, first;

    pthread_mutex_lock(&m->lock);
    room = m->count < MAILBOX_ROOM;
    first = m->count == 0;
    if (room)
        m->fds[m->count++] = fd;
    pthread_mutex_unlock(&m->lock);
    /* Whoever put in the first one tells of all that are taken together with it. */
    if (first)
        tell(m);
    return room;
}

void mailbox_ask(struct mailbox *m, unsigned what)
{
    pthread_mutex_lock(&m->lock);
    atomic_fetch_or(&m->asked, what);
    pthread_mutex_unlock(&m->lock);
    tell(m);
}

int mailbox_take(struct mailbox *m, int fds[MAILBOX_ROOM], unsigned *asked)
{
    eventfd_t times;
    int count;

    if (eventfd_read(m->told, &times) < 0) {
        /* Not told, or a second time for mail that was taken already: an empty box. */
    }
    pthread_mutex_lock(&m->lock);
    count = m->count;
    memcpy(fds, m->fds, (size_t)count * sizeof *fds);
    m->count = 0;
    *asked = atomic_exchange(&m->asked, 0);
    pthread_mutex_unlock(&m->lock);
    return count;
}

void mailbox_close(struct mailbox *m)
{
    while (m->count > 0)
        close(m->fds[--m->count]);
    close(m->told);
    pthread_mutex_destroy(&m->lock);
}
