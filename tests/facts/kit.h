/* kit - what the facts are tried on: pipes, sockets, and processes that wait.
 *
 * Nothing here sleeps and hopes.  A pipe, an eventfd and a socketpair are told at once; what
 * goes over TCP is awaited; a process that waits is known by /proc to sleep. */
#ifndef KIT_H
#define KIT_H

#include <stdint.h>
#include <sys/types.h>

enum { PATIENCE = 10000 };      /* ms until a wait for what must come has failed */

void make_pipe(int ends[2]);            /* [0] reads, [1] writes; both non-blocking */
void make_pair(int ends[2]);            /* two connected local sockets; non-blocking */
void make_connection(int ends[2]);      /* TCP: [0] accepted, [1] the client's; blocking */
int make_listener(void);                /* 127.0.0.1, a port of the kernel's; non-blocking */
int make_client(int listener);          /* connected to it; blocking */
int make_epoll(void);

/* EPOLL_CTL_ADD, with the descriptor itself as the event's data. */
void watch(int epoll, int fd, uint32_t events);

/* One epoll_wait for one event: its bits, or 0 if none came within `timeout` ms. */
uint32_t told(int epoll, int timeout);

/* The names of poll's and epoll's bits, which are the same numbers: "IN|HUP"; "nothing". */
const char *bits(uint32_t events);

void put(int fd);                       /* write one byte */
void take(int fd);                      /* read one byte */
void say(int fd, const char *text);     /* send it, and wait until the peer's TCP has it */
void await(int fd, short events);       /* until poll reports all of these */
void give_up(int fd);                   /* close so that the peer gets an RST */
void set_nonblocking(int fd);
void fill(int fd);                      /* write until EAGAIN */

/* The same open file at the descriptor `value`, whatever that was before: the fact is
 * skipped if RLIMIT_NOFILE does not allow it. */
int lift(int fd, int value);

/* A process that makes one call and ends.  Returns once it sleeps in it (or has ended). */
pid_t waiter(int (*call)(int fd), int fd);

/* How many of them have ended, once each has either ended or sleeps undisturbed. */
int woken(const pid_t *waiters, int count);

/* Whether it sleeps (again), once it sleeps or has ended. */
int sleeps(pid_t waiter);

/* What the call of an ended one returned: a number, or -errno. */
int returned(pid_t waiter);

/* Calls for a waiter, without a timeout. */
int wait_select(int fd);        /* for reading */
int wait_poll(int fd);          /* for reading */
int wait_epoll(int epoll);
int wait_read(int fd);          /* one byte, blocking */
int wait_accept(int listener);  /* blocking: the listener's flag is taken away */

#endif
