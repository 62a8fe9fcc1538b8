#define _GNU_SOURCE
#include "fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct fake fake;

ssize_t __real_recv(int fd, void *to, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *to, size_t size, int flags);
ssize_t __real_send(int fd, const void *from, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *from, size_t size, int flags);
int __real_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_ioctl(int fd, unsigned long request, int *value);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __real_free(void *memory);
void __wrap_free(void *memory);

static ssize_t fail(int error)
{
    errno = error;
    return -1;
}

/* As tcp(7) does: what is asked for or what is there, FIN is 0, and a read of no bytes
 * is 0 where any are there. */
ssize_t __wrap_recv(int fd, void *to, size_t size, int flags)
{
    size_t unread = fake.arrived - fake.taken, n = unread < size ? unread : size;

    if (fd != FAKE_FD)
        return __real_recv(fd, to, size, flags);
    fake.calls++;
    if (fake.closed)
        abort();
    if (fake.interrupts > 0) {
        fake.interrupts--;
        return fail(EINTR);
    }
    if (fake.recv_errno != 0)
        return fail(fake.recv_errno);
    if (unread == 0)
        return fake.fin ? 0 : fail(EAGAIN);
    memcpy(to, fake.incoming + fake.taken, n);
    fake.taken += n;
    return (ssize_t)n;
}

ssize_t __wrap_send(int fd, const void *from, size_t size, int flags)
{
    size_t n = size < fake.room ? size : fake.room;

    if (fd != FAKE_FD)
        return __real_send(fd, from, size, flags);
    fake.calls++;
    /* Without MSG_NOSIGNAL a reset kills; after our FIN there is nothing to send. */
    if (fake.closed || fake.fin_sent || !(flags & MSG_NOSIGNAL))
        abort();
    if (fake.interrupts > 0) {
        fake.interrupts--;
        return fail(EINTR);
    }
    if (fake.send_errno != 0)
        return fail(fake.send_errno);
    if (n == 0)
        return fail(EAGAIN);
    if (fake.sent_size + n > fake.sent_capacity) {
        fake.sent_capacity = 2 * (fake.sent_size + n);
        fake.sent = realloc(fake.sent, fake.sent_capacity);
    }
    memcpy(fake.sent + fake.sent_size, from, n);
    fake.sent_size += n;
    if (fake.room != SIZE_MAX)
        fake.room -= n;
    return (ssize_t)n;
}

int __wrap_shutdown(int fd, int how)
{
    if (fd != FAKE_FD)
        return __real_shutdown(fd, how);
    if (fake.closed || fake.fin_sent || how != SHUT_WR)
        abort();
    if (fake.shutdown_errno != 0)
        return (int)fail(fake.shutdown_errno);
    fake.fin_sent = true;
    return 0;
}

int __wrap_close(int fd)
{
    if (fd == FAKE_LISTENER)
        return 0;
    if (fd != FAKE_FD)
        return __real_close(fd);
    if (fake.closed)
        abort();
    fake.closed = true;
    fake.reset = fake.arrived > fake.taken;
    return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    int *value;

    va_start(arguments, request);
    value = va_arg(arguments, int *);
    va_end(arguments);
    if (fd != FAKE_FD)
        return __real_ioctl(fd, request, value);
    if (request != FIONREAD)
        abort();
    if (fake.ioctl_errno != 0)
        return (int)fail(fake.ioctl_errno);
    *value = (int)(fake.arrived - fake.taken);
    return 0;
}

static void *count_block(void *memory)
{
    fake.blocks += memory != NULL;
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return fake.no_memory ? NULL : count_block(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fake.no_memory ? NULL : count_block(__real_calloc(count, size));
}

void __wrap_free(void *memory)
{
    fake.blocks -= memory != NULL;
    __real_free(memory);
}

struct conn *fake_open(struct loop *l, struct options *o, enum service service)
{
    fake_free();
    fake.room = SIZE_MAX;
    *o = (struct options){ .program = "fake_server", .service = service };
    memset(l, 0, sizeof *l);
    l->service = service;
    l->read_size = 16384;
    clock_init(&l->clock, 600, 30, 2);
    l->clock.now = l->born = 1000;
    l->ledger.server = "fake_server";
    l->ledger.mechanism = "poll";
    l->ledger.service = service_name(service);
    narrate_init(&l->narrator, 0, &l->ledger, "the_wait", true);
    return conn_open(l, FAKE_FD);
}

void fake_free(void)
{
    __real_free(fake.sent);     /* comes from realloc, which is not counted */
    fake = (struct fake){ .incoming = NULL };
}

void fake_arrive(const char *all, size_t arrived)
{
    fake.incoming = all;
    fake.arrived = arrived;
}

void fake_say(const char *text)
{
    fake_arrive(text, strlen(text));
}

void fake_check_sent(struct test *t, const char *want)
{
    test_bytes(t, "replies", want, strlen(want), fake.sent, fake.sent_size);
}

void fake_check_asks(struct test *t, const struct conn *c, const char *want)
{
    const char *came = conn_finished(c) ? "over"
                       : conn_wants_read(c) && conn_wants_write(c) ? "both"
                       : conn_wants_read(c) ? "read"
                       : conn_wants_write(c) ? "write" : "nothing";

    test_check(t, strcmp(want, came) == 0, "expected to want %s, it wants %s", want,
               came);
}

bool fake_readable(void)
{
    return fake.arrived > fake.taken || fake.fin || fake.recv_errno != 0;
}

bool fake_writable(void)
{
    return fake.room > 0 || fake.send_errno != 0;
}

void fake_turn(struct conn *c, struct loop *l)
{
    if (conn_wants_read(c))
        conn_fill(c, l);
    conn_serve(c, l);
    conn_flush(c, l);
    conn_settle(c, l);
}
