/* A full house: what happens to the client that is one too many? */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char refusal[] = "3@0 6@";

/* Fills the house; each of the `n` clients has been served once. */
static void fill(const struct server *s, int fds[], int n)
{
    for (int i = 0; i < n; i++)
        client_ask(fds[i] = client_open(s));
}

static void empty(int fds[], int n)
{
    for (int i = 0; i < n; i++)
        close(fds[i]);
}

SCENARIO(one_more, "full-house/one-more", "calc", "-c 3",
    "Is one more than -c told `3@0 6@` and closed, while the others are served on?")
{
    int fds[3];

    fill(s, fds, 3);
    client_visit(s, "", 0, CLIENT_IS_LEFT, refusal, 6);
    for (int i = 0; i < 3; i++)
        client_ask(fds[i]);
    empty(fds, 3);
}

SCENARIO(has_spoken, "full-house/has-spoken", "calc", "-c 2",
    "Is the client that is one too many told `3@0 6@` also when it has sent a request "
    "before it was accepted? Closing a socket with unread data sends a reset, which can "
    "destroy the refusal.")
{
    int fds[2], fd;

    fill(s, fds, 2);
    server_signal(s, SIGSTOP);
    fd = client_open(s);
    client_say(fd, "9@10 + 1234@9@10 + 1234@");
    server_signal(s, SIGCONT);
    client_converse(fd, "", 0, CLIENT_IS_LEFT, refusal, 6);
    close(fd);
    empty(fds, 2);
}

SCENARIO(place_freed, "full-house/place-freed", "calc", "-c 2",
    "Is the place of a client that leaves given to the next?")
{
    int fds[2], before;

    fill(s, fds, 2);
    before = server_descriptors(s);
    for (int i = 0; i < 20; i++) {
        close(fds[i % 2]);
        server_expect_descriptors(s, before - 1);
        client_ask(fds[i % 2] = client_open(s));
    }
    empty(fds, 2);
}

SCENARIO(hundred_refused, "full-house/hundred-refused", "calc", "-c 1",
    "Are a hundred refused, some gone before they could be told, and the client inside "
    "not disturbed, and no descriptor lost?")
{
    struct bystander b;
    int before;

    bystander_start(&b, s);
    before = server_descriptors(s);
    for (int i = 0; i < 100; i++) {
        int fd = client_open(s);

        if (i % 3 == 0) {
            client_reset(fd);
            continue;
        }
        if (i % 3 == 1)
            client_converse(fd, "", 0, CLIENT_IS_LEFT, refusal, 6);
        close(fd);
    }
    server_expect_descriptors(s, before);
    bystander_expect_well(&b, 20);
}

SCENARIO(echo_unsaid, "full-house/echo-unsaid", "echo", "-s echo -c 1",
    "Does `echo`, which has no refusal, close the client that is one too many without a "
    "byte?")
{
    int in, fd;

    in = client_open(s);
    client_converse(in, "a", 1, CLIENT_STAYS, "a", 1);
    fd = client_open(s);
    client_expect_eof(fd);
    close(fd);
    client_converse(in, "b", 1, CLIENT_STAYS, "b", 1);
    close(in);
}

scenario_list full_house_scenarios = {
    &one_more, &has_spoken, &place_freed, &hundred_refused, &echo_unsaid, NULL
};
