/* parts - what does not change from rung 4 on: three functions.
 *
 * listen_on and send_all stand in the rungs 1 to 3, where accept waits; here it does not
 * (SOCK_NONBLOCK).  answer is the calculator of rung 7.  They lie in a header so that
 * `cc FILE` builds a rung; a larger program has a .c and a .h for them, as in common/.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket that listens.  Port 0 lets the kernel choose one, so we say which it is. */
static inline int listen_on(int argc, char **argv, const char *service)
{
    const char *address = argc > 2 ? argv[1] : "127.0.0.1";
    const char *port = argc > 1 ? argv[argc - 1] : "";
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;
    char *end;
    long number = strtol(port, &end, 10);
    int fd, on = 1;

    if (end == port || *end != '\0' || number < 0 || number > 65535
        || inet_pton(AF_INET, address, &at.sin_addr) != 1)
        errx(2, "usage: [ADDRESS] PORT, for example 127.0.0.1 8080");
    at.sin_port = htons((in_port_t)number);
    /* SO_REUSEADDR: a server that was just stopped can have its port again at once. */
    if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || bind(fd, (struct sockaddr *)&at, size) < 0
        || listen(fd, SOMAXCONN) < 0
        || getsockname(fd, (struct sockaddr *)&at, &size) < 0)
        err(1, "cannot listen on %s port %s", address, port);
    printf("serving %s on %s:%d\n", service, address, ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/* send may take less than it is given.  MSG_NOSIGNAL: when the client has gone, it returns
 * -1 with EPIPE, and no SIGPIPE ends us.  No signal is caught, so there is no EINTR. */
static inline bool send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

        if (n < 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

/* Reads a number off *p; false if none stands there, or if it does not fit. */
static inline bool read_number(const char **p, long long *value)
{
    const char *start = *p;
    char *end;

    errno = 0;
    *value = strtoll(start, &end, 10);
    *p = end;
    return end != start && errno == 0 && !isspace((unsigned char)*start);
}

/* The status of X OP Y: 0 (then *r is the result), 1 division by zero, 2 unknown operator,
 * 3 does not fit.  The __builtin_ functions, of gcc and clang, tell of an overflow. */
static inline int compute(long long x, char op, long long y, long long *r)
{
    switch (op) {
    case '+':
        return __builtin_add_overflow(x, y, r) ? 3 : 0;
    case '-':
        return __builtin_sub_overflow(x, y, r) ? 3 : 0;
    case '*':
        return __builtin_mul_overflow(x, y, r) ? 3 : 0;
    case '/':
        if (y == -1)    /* the lowest number has no positive counterpart */
            return __builtin_sub_overflow(0, x, r) ? 3 : 0;
        return y == 0 ? 1 : (*r = x / y, 0);
    case '%':
        return y == 0 ? 1 : (*r = y == -1 ? 0 : x % y, 0);
    }
    return 2;
}

enum { REPLY = 32 };    /* room for any one reply */

/* Writes the reply, a frame, to the sum "X OP Y" of n bytes: 6@1244 0@ to 10 + 1234.  A byte
 * that is no digit follows the sum.  Returns the reply's length; status 4 is "no sum". */
static inline size_t answer(char *reply, const char *sum, size_t n)
{
    const char *end = sum + n, *p = sum;
    char payload[REPLY];
    long long x, y, result = 0;
    int status = 4, length;

    if (read_number(&p, &x) && end - p > 3 && p[0] == ' ' && p[1] != ' ' && p[2] == ' ') {
        char op = p[1];

        p += 3;
        if (read_number(&p, &y) && p == end)
            status = compute(x, op, y, &result);
    }
    length = snprintf(payload, sizeof payload, "%lld %d", status == 0 ? result : 0, status);
    return (size_t)snprintf(reply, REPLY, "%d@%s@", length, payload);
}
