/* shim.h - what the preload shim and the programs that steer it agree on.
 *
 * The shim is steered by environment variables (see shim.c) and keeps its
 * counts in a file that it maps: they are live while the server runs, and
 * survive it however it ends, so the sweep can tell "no such call was made"
 * from "the call failed and nothing happened".
 */
#ifndef SHIM_H
#define SHIM_H

/* Every function the shim stands before. A server's imports are held against
 * this list (tests/faults/imports), so that a new call cannot go untried. */
#define SHIM_CALLS(CALL)                                                        \
    CALL(malloc) CALL(calloc) CALL(realloc) CALL(reallocarray) CALL(free)       \
    CALL(getaddrinfo) CALL(getnameinfo)                                         \
    CALL(socket) CALL(setsockopt) CALL(getsockopt) CALL(bind) CALL(listen)      \
    CALL(getsockname) CALL(getpeername)                                         \
    CALL(accept) CALL(accept4) CALL(recv) CALL(send) CALL(shutdown)             \
    CALL(select) CALL(poll) CALL(epoll_create1) CALL(epoll_ctl)                 \
    CALL(epoll_wait) CALL(read) CALL(write) CALL(close) CALL(pipe2)             \
    CALL(fcntl) CALL(ioctl) CALL(sigaction) CALL(getrlimit) CALL(setrlimit)     \
    CALL(clock_gettime) CALL(ppoll) CALL(ftruncate) CALL(open) CALL(fopen)

#define SHIM_ENUM(name) CALL_##name,
enum shim_call { SHIM_CALLS(SHIM_ENUM) SHIM_CALL_COUNT };
#undef SHIM_ENUM

struct shim_page {
    unsigned long calls[SHIM_CALL_COUNT]; /* made so far, failed ones included */
    unsigned long struck;                 /* of those, failed by the shim */
    unsigned long cut;                    /* reads and writes made short */
    unsigned long wall_reads;             /* readings of the wall clock */
    unsigned long first;                  /* the first call that fails, chosen while the
                                             server runs; 0: as SHIM_FAIL says */
};

#endif
