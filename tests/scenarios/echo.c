/* The echo service: does every byte come back, in order, and nothing else? */
#define _GNU_SOURCE
#include "scenario.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of every value in no order; the same ones each time. */
static char *random_bytes(size_t n)
{
    char *bytes = malloc(n);
    uint32_t x = 2463534242;

    check(bytes != NULL, "no memory");
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (char)(x >> 8);
    }
    return bytes;
}

/* Does any byte come back as it is, NUL, '@' and LF included, at once, however cut? */
static void every_cut(char *const command[])
{
    enum { N = 200 };
    char *bytes = random_bytes(N);
    struct server s;

    for (int i = 0; i < 100; i++)
        bytes[i] = "9@10 + 1234@\r\n\n\0x"[i % 17];
    server_start(&s, command, "-s echo");
    check(!strcmp(s.service, "echo"), "the banner names the service %s", s.service);
    for (size_t cut = 0; cut <= N; cut++) {
        int fd = client_open(&s);

        client_converse(fd, bytes, cut, CLIENT_STAYS, bytes, cut);
        client_converse(fd, bytes + cut, N - cut, CLIENT_FINISHES, bytes + cut,
                        N - cut);
        close(fd);
    }
    free(bytes);
    server_stop(&s);
}

/* Do 5 MB come back whole, both directions at once, then EOF after ours? */
static void five_megabytes(char *const command[])
{
    const size_t n = 5000000;
    char *bytes = random_bytes(n);
    struct server s;
    int fd;

    server_start(&s, command, "-s echo");
    fd = client_open(&s);
    client_converse(fd, bytes, n, CLIENT_FINISHES, bytes, n);
    close(fd);
    free(bytes);
    server_stop(&s);
}

/* Does a client that sends all it can before it reads stall only itself, and get all of
   it back later? */
static void late_reader(char *const command[])
{
    const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
    const size_t n = 1000000;
    char *bytes = random_bytes(n);
    struct server s;
    size_t sent;
    int fd, other;

    server_start(&s, command, "-s echo --rcvbuf 4096 --sndbuf 4096");
    fd = client_open_with(&s, &small);
    sent = client_push(fd, bytes, n, &s);
    check(sent < n, "the server took all of 1 MB from a client that does not read");
    server_expect_calm(&s, 0.1);
    other = client_open(&s);
    client_converse(other, "abc", 3, CLIENT_FINISHES, "abc", 3);
    close(other);
    client_converse(fd, bytes + sent, n - sent, CLIENT_FINISHES, bytes, n);
    close(fd);
    free(bytes);
    server_stop(&s);
}

/* Is one that says nothing closed after -i, and one that speaks never by -f? */
static void clocks(char *const command[])
{
    struct server s;
    double start, closed;
    int fd;

    server_start(&s, command, "-s echo -i 0.3 -f 0.1");
    start = guard_now();
    fd = client_open(&s);
    client_converse(fd, "9@1", 3, CLIENT_STAYS, "9@1", 3);
    client_expect_eof(fd);
    closed = guard_now() - start;
    check(closed >= 0.299, "closed after %.3f s, expected -i 0.3", closed);
    close(fd);
    server_stop(&s);
}

const struct scenario echo_scenarios[] = {
    { "echo/every-cut", "echo", every_cut },
    { "echo/five-megabytes", "echo", five_megabytes },
    { "echo/late-reader", "echo", late_reader },
    { "echo/clocks", "echo", clocks },
    { NULL, NULL, NULL }
};
