/* witness - what the kernel shows of a server's processes, from outside: no root, no
 * source, no help of the server.
 *
 * A server may be several processes (a script around the real one, a process a client)
 * and many threads. `struct tree` names the processes; everything else is asked of
 * those. Where the system does not tell (another user's process, /proc mounted with
 * hidepid, yama), a function says so by its return value and the caller leaves the line
 * out. Nothing here fails a test, and nothing stops or changes the server.
 *
 * /proc/PID/syscall and the memory behind a poll are told to an ancestor of the process
 * only (PTRACE_MODE_ATTACH under yama): ask from the process that started the server. */
#ifndef WITNESS_H
#define WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TREE_MOST = 512, TASKS_MOST = 64, SOCKETS_MOST = 2048, INTEREST_MOST = 2048 };

struct tree {
    int count;
    pid_t pids[TREE_MOST];
};

/* All descendants of `root`, without `root` itself. */
void tree_find(struct tree *t, pid_t root);

/* Sums over the tree. Processor time in seconds; memory (RSS) in bytes; descriptors, or
 * -1 where not one process lets us look. */
double tree_cpu(const struct tree *t);
long tree_memory(const struct tree *t);
int tree_descriptors(const struct tree *t);

/* Seconds that a process (its first thread) has stood in line for a processor so far; 0
 * where the kernel does not tell. One that hangs does not stand in line. */
double witness_in_line(pid_t pid);

/* Is every thread of every process asleep or stopped? */
bool tree_sleeps(const struct tree *t);

/* Does every thread wait for many in select, poll or epoll_wait, and none in a call on one
 * descriptor? False, too, where /proc/PID/task/TID/wchan does not tell. */
bool tree_waits(const struct tree *t);

/* Sends a signal to each process; SIGSTOP returns once all are stopped, or after a
 * second, which is said by `false`. */
bool tree_signal(const struct tree *t, int sig);

/* One thread, and what it waits for. */
struct task {
    pid_t pid, tid;
    char state;        /* of /proc/PID/stat: R, S, D, T, Z */
    long call;         /* system call number; -1: none, or not told */
    bool told;         /* /proc/PID/syscall could be read */
    unsigned long arguments[6];
};

/* Looks at the threads of the tree; returns how many it wrote. */
int witness_tasks(const struct tree *t, struct task tasks[TASKS_MOST]);

/* "epoll_wait", "write" ...; "a system call" for one without a name here. */
const char *witness_call(long call);

enum call_kind { CALL_NONE, CALL_WAIT, CALL_READ, CALL_WRITE, CALL_ACCEPT, CALL_SLEEP,
                 CALL_OTHER };
enum call_kind witness_kind(long call);

/* A TCP socket of this host whose local port is the server's. */
struct tcp_socket {
    int state;            /* 1 ESTABLISHED, 8 CLOSE_WAIT, 10 LISTEN ... */
    int family;           /* AF_INET, AF_INET6 */
    unsigned char address[16]; /* local, in network order */
    int port, peer;       /* the local port and the peer's; 0 where there is no peer */
    unsigned long unread; /* bytes to be read; of a listener, clients to be accepted */
    unsigned long unsent; /* bytes given to the kernel and not yet taken by the peer */
    unsigned long inode;  /* 0: no process has it (not yet accepted, or closed) */
};
enum { TCP_IS_OPEN = 1, TCP_IS_CLOSE_WAIT = 8, TCP_IS_LISTENING = 10 };

/* Sockets at this local port (any port where `port` is 0, then listeners only). */
int witness_sockets(int port, struct tcp_socket sockets[SOCKETS_MOST]);

/* The server's socket whose peer has this port. */
bool witness_socket_of(int port, int peer, struct tcp_socket *found);

/* Which process of the tree holds the socket, under which number? *blind becomes true
 * where a process did not let us look. */
bool witness_owner(const struct tree *t, unsigned long inode, pid_t *pid, int *fd,
                   bool *blind);

/* Who listens at the port: `root`, or a process that it started (a script that does not
 * exec the server); 0: neither. Where the system does not tell, `root` is taken for it. */
pid_t witness_listener(int port, pid_t root);

/* What a descriptor is waited for with. */
struct interest {
    pid_t pid;
    int fd;
    unsigned events;      /* EPOLLIN ..., which POLLIN ... equal */
    const char *by;       /* "epoll", "poll", "select" */
};

/* The interest lists of all epolls of the tree, and the array or sets of each thread
 * that sleeps (or is stopped) in poll or select. Returns how many; *told says whether
 * the system let us look at all. */
int witness_interest(const struct tree *t, struct interest found[INTEREST_MOST],
                     bool *told);

/* "IN|OUT|ET". */
const char *witness_events(unsigned events, char text[64]);

#endif
