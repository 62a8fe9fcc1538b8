/* tracee - a server that stops at each of its system calls (ptrace(2)).
 *
 * What a program tells the kernel, and what the kernel answers, is seen from outside: the
 * server is not changed, and it need not be one of ours. Between two calls it stands still,
 * so /proc can be asked in peace. It ends with us, whatever becomes of us. Functions fail
 * the test (check.h) where they cannot do what they say. */
#ifndef TRACEE_H
#define TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/launch.h"

enum call_class { CALL_IS_OTHER, CALL_IS_SELECT, CALL_IS_POLL, CALL_IS_EPOLL_WAIT,
                  CALL_IS_CONTROL, CALL_IS_ACCEPT, CALL_IS_RECV, CALL_IS_SEND,
                  CALL_IS_SHUTDOWN, CALL_IS_CLOSE, CALL_IS_SAY };

enum tracee_stop { AT_ENTRY, AT_EXIT, ASLEEP, ENDED };

struct tracee {
    struct server server;      /* pid, and address: what a client needs */
    enum call_class class;     /* the call that it enters or leaves */
    bool inside;               /* it has entered it */
    bool running;              /* it has been let go, and has not stopped since */
    unsigned long argument[6];
    long result;               /* at the exit; -errno where it failed */
    int status;                /* when it has ended */
};

/* May we trace at all? A container or a hardened kernel may refuse. */
bool tracee_allowed(void);

/* Starts a server, whose command line must ask for port 0; it stops before its first call.
 * Once it sleeps, its banner tells the port. */
void tracee_start(struct tracee *t, char *const command[]);
void tracee_read_banner(struct tracee *t);

/* Lets it go on to the next entry or exit of a call that has a class. In a wait that does
 * not return at once, to where it sleeps; call again to look whether it still does. */
enum tracee_stop tracee_step(struct tracee *t);

static inline bool tracee_waits(const struct tracee *t)
{
    return t->class >= CALL_IS_SELECT && t->class <= CALL_IS_EPOLL_WAIT;
}

/* What the kernel says of a socket of its: bytes unread and unsent, and what poll(2) finds it
 * ready for. -1 where it has no such socket. */
struct tracee_socket { int unread, unsent, state, ready; };
struct tracee_socket tracee_ask(const struct tracee *t, int fd);

/* Its memory. */
void tracee_read(const struct tracee *t, unsigned long from, void *to, size_t size);

#endif
