/* faulty - a plain calc and echo server that has one fault of choice: the test of the
 * tests.
 *
 *     $ build/tests/faulty --fault no-crlf -p 0
 *     faulty: serving calc on 127.0.0.1:39121
 *
 * Without --fault it keeps the contract, as far as the scenarios ask, by the simplest
 * means: poll over an array built anew each turn, fixed buffers, the oracle as codec.
 * Each fault is one `has("its-name")` at the place where somebody might have written
 * just that. tests/scenarios/faults says which scenario has to catch which. */
#ifndef FAULTY_H
#define FAULTY_H

#include <stdbool.h>
#include <stddef.h>

enum { IN_ROOM = 8192, OUT_ROOM = 16384 };

struct settings {
    const char *fault, *host, *service;
    int port, clients, read_size, rcvbuf, sndbuf, verbose;
    double idle, frame;
    bool echo;
};

enum clock { QUIET, BEGUN, LEAVING };

struct peer {
    int fd;
    bool eof;    /* the peer's FIN was read */
    bool last;   /* no more requests are answered, what comes is discarded */
    bool fin;    /* our FIN was sent */
    bool gone;   /* to be closed */
    bool crowded; /* requests wait for room in `out` */
    long budget; /* bytes still to be read when stopping; -1 = no end */
    enum clock clock;
    double since; /* when its clock was started */
    size_t in_len, out_at, out_len;
    char in[IN_ROOM], out[OUT_ROOM];
};

/* The one choice of this process. */
extern struct settings settings;

bool has(const char *fault);

void settings_parse(int argc, char *argv[]); /* exits after bad usage, -h and -V */

struct peer *peer_open(int fd, double now); /* NULL: no memory */
bool peer_wants_read(const struct peer *p);
bool peer_wants_write(const struct peer *p);
void peer_turn(struct peer *p, double now); /* recv, serve, send, clocks */
void peer_expire(struct peer *p, double now);
void peer_stop(struct peer *p);

#endif
