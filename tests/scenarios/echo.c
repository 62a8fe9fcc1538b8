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

SCENARIO(every_cut, "echo/every-cut", "echo", "-s echo",
    "Does any byte come back as it is, NUL, '@' and LF included, at once, however cut?")
{
    enum { N = 200 };
    char *bytes = random_bytes(N);

    for (int i = 0; i < 100; i++)
        bytes[i] = "9@10 + 1234@\r\n\n\0x"[i % 17];
    check(!strcmp(s->service, "echo"), "the banner names the service %s", s->service);
    for (size_t cut = 0; cut <= N; cut++) {
        int fd = client_open(s);

        client_converse(fd, bytes, cut, CLIENT_STAYS, bytes, cut);
        client_converse(fd, bytes + cut, N - cut, CLIENT_FINISHES, bytes + cut,
                        N - cut);
        close(fd);
    }
    free(bytes);
}

SCENARIO(five_megabytes, "echo/five-megabytes", "echo", "-s echo",
    "Do 5 MB come back whole, both directions at once, then EOF after ours?")
{
    const size_t n = 5000000;
    char *bytes = random_bytes(n);
    client_visit(s, bytes, n, CLIENT_FINISHES, bytes, n);
    free(bytes);
}

SCENARIO(late_reader, "echo/late-reader", "echo", "-s echo --rcvbuf 4096 --sndbuf 4096",
    "Does a client that sends all it can before it reads stall only itself, and get all "
    "of it back later?")
{
    const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
    const size_t n = 1000000;
    char *bytes = random_bytes(n);
    size_t sent;
    int fd, other;

    fd = client_open_with(s, &small);
    sent = client_push(fd, bytes, n, s);
    check(sent < n, "the server took all of 1 MB from a client that does not read");
    server_expect_calm(s, 0.1);
    other = client_open(s);
    client_converse(other, "abc", 3, CLIENT_FINISHES, "abc", 3);
    close(other);
    client_converse(fd, bytes + sent, n - sent, CLIENT_FINISHES, bytes, n);
    close(fd);
    free(bytes);
}

SCENARIO(clocks, "echo/clocks", "echo", "-s echo -i 0.3 -f 0.1",
    "Is a client that says nothing closed after -i, and one that has spoken never "
    "closed by -f?")
{
    double start, closed;
    int fd;

    start = guard_now();
    fd = client_open(s);
    client_converse(fd, "9@1", 3, CLIENT_STAYS, "9@1", 3);
    client_expect_eof(fd);
    closed = guard_now() - start;
    check(closed >= 0.299, "closed after %.3f s, expected -i 0.3", closed);
    close(fd);
}

scenario_list echo_scenarios = {
    &every_cut, &five_megabytes, &late_reader, &clocks, NULL
};
