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

/* Is one more than -c told `3@0 6@` and closed, while the others are served on? */
static void one_more(char *const command[])
{
    struct server s;
    int fds[3], fd;

    server_start(&s, command, "-c 3");
    fill(&s, fds, 3);
    fd = client_open(&s);
    client_converse(fd, "", 0, CLIENT_IS_LEFT, refusal, 6);
    close(fd);
    for (int i = 0; i < 3; i++)
        client_ask(fds[i]);
    empty(fds, 3);
    server_stop(&s);
}

/* Also when it has sent a request before it was accepted? Unread data in a socket that
   is closed draws a reset, which could destroy the refusal. */
static void has_spoken(char *const command[])
{
    struct server s;
    int fds[2], fd;

    server_start(&s, command, "-c 2");
    fill(&s, fds, 2);
    server_signal(&s, SIGSTOP);
    fd = client_open(&s);
    client_say(fd, "9@10 + 1234@9@10 + 1234@");
    server_signal(&s, SIGCONT);
    client_converse(fd, "", 0, CLIENT_IS_LEFT, refusal, 6);
    close(fd);
    empty(fds, 2);
    server_stop(&s);
}

/* Is the place of a client that leaves given to the next? */
static void place_freed(char *const command[])
{
    struct server s;
    int fds[2], before;

    server_start(&s, command, "-c 2");
    fill(&s, fds, 2);
    before = server_descriptors(&s);
    for (int i = 0; i < 20; i++) {
        close(fds[i % 2]);
        server_expect_descriptors(&s, before - 1);
        client_ask(fds[i % 2] = client_open(&s));
    }
    empty(fds, 2);
    server_stop(&s);
}

/* Are a hundred refused, some gone before they could be told, and the client inside not
   disturbed, and no descriptor lost? */
static void hundred_refused(char *const command[])
{
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "-c 1");
    bystander_start(&b, &s);
    before = server_descriptors(&s);
    for (int i = 0; i < 100; i++) {
        int fd = client_open(&s);

        if (i % 3 == 0) {
            client_reset(fd);
            continue;
        }
        if (i % 3 == 1)
            client_converse(fd, "", 0, CLIENT_IS_LEFT, refusal, 6);
        close(fd);
    }
    server_expect_descriptors(&s, before);
    bystander_expect_well(&b, 20);
    server_stop(&s);
}

/* Does `echo`, which has no words of its own, close the one too many unsaid? */
static void echo_unsaid(char *const command[])
{
    struct server s;
    int in, fd;

    server_start(&s, command, "-s echo -c 1");
    in = client_open(&s);
    client_converse(in, "a", 1, CLIENT_STAYS, "a", 1);
    fd = client_open(&s);
    client_expect_eof(fd);
    close(fd);
    client_converse(in, "b", 1, CLIENT_STAYS, "b", 1);
    close(in);
    server_stop(&s);
}

const struct scenario full_house_scenarios[] = {
    { "full-house/one-more", "calc", one_more },
    { "full-house/has-spoken", "calc", has_spoken },
    { "full-house/place-freed", "calc", place_freed },
    { "full-house/hundred-refused", "calc", hundred_refused },
    { "full-house/echo-unsaid", "echo", echo_unsaid },
    { NULL, NULL, NULL }
};
