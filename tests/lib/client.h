/* client - one end of a conversation with a server, which checks every byte it gets.
 *
 *     int fd = client_open(&s);
 *     client_converse(fd, "9@10 + 1234@", 12, CLIENT_STAYS, "6@1244 0@", 9);
 *     close(fd);
 *
 * Sockets are non-blocking and have TCP_NODELAY, so that the cuts a test makes reach
 * the wire; every wait is guarded (guard.h). Functions fail the test (check.h) unless
 * they say otherwise. */
#ifndef CLIENT_H
#define CLIENT_H

#include "launch.h"

#include <stdbool.h>
#include <stddef.h>

struct client_setup {
    const char *source;  /* IPv4 address to connect from, or NULL */
    int rcvbuf, sndbuf;  /* SO_RCVBUF, SO_SNDBUF; 0 = the kernel's */
    int maxseg;          /* TCP_MAXSEG: small segments keep the server's send buffer small */
};

/* How a conversation ends. */
enum client_end {
    CLIENT_STAYS,      /* the connection stays open and silent */
    CLIENT_FINISHES,   /* we half-close when all is sent; then the server's EOF */
    CLIENT_IS_LEFT     /* the server ends it with EOF, never with a reset */
};

/* What is to be read next. */
enum client_state { CLIENT_QUIET, CLIENT_HAS_BYTES, CLIENT_AT_EOF, CLIENT_RESET };

/* Connects; returns the descriptor. `setup` may be NULL. client_try returns -1 with
 * errno instead of failing the test. */
int client_open(const struct server *s);
int client_open_with(const struct server *s, const struct client_setup *setup);
int client_try(const struct server *s, const struct client_setup *setup);

/* Sends all; the server has to take it. */
void client_send(int fd, const void *bytes, size_t len);
void client_say(int fd, const char *text);

/* Reads exactly these bytes. */
void client_expect(int fd, const void *want, size_t len);
void client_hear(int fd, const char *text);

/* Sends `out` and reads `want` at the same time, however much of each; then checks the
 * end: after CLIENT_FINISHES and CLIENT_IS_LEFT, EOF with not a byte too many. */
void client_converse(int fd, const void *out, size_t out_len, enum client_end end,
                     const void *want, size_t want_len);

/* The same on a connection of its own. */
void client_visit(const struct server *s, const void *out, size_t out_len,
                  enum client_end end, const void *want, size_t want_len);

/* The same where the first `sent` bytes were sent already. */
void client_converse_rest(int fd, size_t sent, const void *out, size_t out_len,
                          enum client_end end, const void *want, size_t want_len);

/* The server closes without another byte: EOF, not a reset. */
void client_expect_eof(int fd);

/* The server closes, by EOF or reset, whatever it sends before. */
void client_expect_gone(int fd);

/* Sends without reading until all is sent or the server takes no more: it sleeps, and
 * for a tenth of a second not a byte moved; or the connection is gone, which the next
 * call will tell. Returns how much was taken. */
size_t client_push(int fd, const void *bytes, size_t len, const struct server *s);

/* Looks without waiting and without taking anything. */
enum client_state client_look(int fd);

/* Waits, at most until `moment` of guard_now(), for anything but CLIENT_QUIET. */
enum client_state client_wait(int fd, double moment);

void client_finish(int fd); /* SHUT_WR: our FIN */
void client_reset(int fd);  /* closes with RST (SO_LINGER of zero) */

/* Asks one sum and expects its reply: this client is being served. */
void client_ask(int fd);

#endif
