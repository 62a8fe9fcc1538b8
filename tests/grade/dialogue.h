/* dialogue - a check's side of its conversations with the server. All of these end the
 * check when something does not hold (see exam.h). */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include "exam.h"

#include "../lib/client.h"
#include "../lib/script.h"

/* What was done and what is expected, in sentences for the report. Later ones replace
 * earlier ones. */
void did(struct exam *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void expects(struct exam *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Which cause a failure of this kind has, if the kernel does not show another. */
void blame(struct exam *e, enum kind kind, const char *cause);
void blame_all(struct exam *e, const char *cause); /* but for SLOW */

/* Who closes the client closes it too early. */
void client_stays(struct exam *e);

/* ... or a server that ended: by itself, by a signal. SIGPIPE has its own. */
void blame_end(struct exam *e, const char *by_itself, const char *by_signal);

_Noreturn void fail(struct exam *e, enum kind kind, const char *cause,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The machine does not allow this check; why. It costs no points. */
_Noreturn void not_possible(struct exam *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A client comes. `setup` may be NULL. */
int come(struct exam *e);
int come_with(struct exam *e, const struct client_setup *setup);

int port_of(int fd); /* its own port, by which the server's socket is found */

/* Sends `out` and reads `want` at the same time. `end`: see client.h. */
void converse(struct exam *e, int fd, const void *out, size_t out_len,
              enum client_end end, const void *want, size_t want_len);

/* Sends all, and reads nothing. */
void say(struct exam *e, int fd, const void *bytes, size_t len);
void hear(struct exam *e, int fd, const void *bytes, size_t len);

/* The same of one line, before which other lines may come: in chat, those of others. */
void hear_line(struct exam *e, int fd, const char *line, size_t len);

/* Nothing is due, and nothing comes in `seconds`. */
void hear_nothing(struct exam *e, int fd, double seconds);

/* Of a client that will not read: little room for replies. */
extern const struct client_setup deaf;

/* poll of one descriptor, until `end`. */
int wait_for(int fd, short events, double end);

#endif
