/* Clients that break off: are they freed, once, and does nobody else notice? */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 30 };

static const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };

/* All are gone from the server, and a bystander finds it in order. */
static void expect_in_order(const struct server *s, struct bystander *b, int before)
{
    server_expect_descriptors(s, before);
    bystander_expect_well(b, 20);
    server_expect_calm(s, 0.1);
}

SCENARIO(before_accept, "resets/before-accept", "calc", "",
    "Is a client that resets before accept found out by the first read and freed, and "
    "does nobody else notice?")
{
    struct bystander b;
    int before = server_descriptors(s);

    server_signal(s, SIGSTOP);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(s);

        if (i % 2)
            client_say(fd, "9@10 + 1234@");
        client_reset(fd);
    }
    server_signal(s, SIGCONT);
    server_expect_descriptors(s, before);
    bystander_start(&b, s);
    expect_in_order(s, &b, before + 1);
}

SCENARIO(mid_frame, "resets/mid-frame", "calc", "",
    "Is a client that resets in the middle of a frame freed, and does nobody else "
    "notice?")
{
    struct bystander b;
    int before;

    bystander_start(&b, s);
    before = server_descriptors(s);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(s);

        client_send(fd, "9@10 + 1234@", 1 + (size_t)i % 11);
        if (i % 2)
            server_settle(s);
        client_reset(fd);
    }
    expect_in_order(s, &b, before);
}

SCENARIO(half_sent, "resets/half-sent", "calc", "--rcvbuf 4096 --sndbuf 4096",
    "Is a client that resets while its reply is half sent, and the server waits to send "
    "the rest, freed, and does nobody else notice?")
{
    struct script t = { 0 };
    struct bystander b;
    int before;

    bystander_start(&b, s);
    before = server_descriptors(s);
    script_add_sums(&t, 60000);
    for (int i = 0; i < 3; i++) {
        int fd = client_open_with(s, &small);

        client_push(fd, t.bytes, t.len, s);
        client_reset(fd);
    }
    script_free(&t);
    expect_in_order(s, &b, before);
}

SCENARIO(unread, "resets/unread", "calc", "",
    "Is a client freed that closes with its replies unread, so that its kernel answers "
    "them with a reset, and does nobody else notice?")
{
    struct script t = { 0 };
    struct bystander b;
    int before;

    bystander_start(&b, s);
    before = server_descriptors(s);
    script_add_sums(&t, 500);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(s);

        client_send(fd, t.bytes, t.len);
        if (i % 2)
            client_wait(fd, guard_end());
        close(fd);
    }
    script_free(&t);
    expect_in_order(s, &b, before);
}

SCENARIO(in_farewell, "resets/in-farewell", "calc", "",
    "Is a client that resets during the farewell freed, and does nobody else notice?")
{
    struct bystander b;
    int before;

    bystander_start(&b, s);
    before = server_descriptors(s);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(s);

        client_say(fd, "x and more");
        if (i % 2)
            client_converse(fd, "", 0, CLIENT_IS_LEFT, "3@0 5@", 6);
        client_reset(fd);
    }
    expect_in_order(s, &b, before);
}

SCENARIO(urgent, "resets/urgent", "calc", "",
    "Is urgent data no part of the stream, and does it neither spin the server nor keep "
    "it from what follows? recv stops at the urgent mark, which may be taken for the "
    "end.")
{
    struct bystander b;
    int fd = client_open(s);

    client_say(fd, "9@10 + ");
    check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
    client_say(fd, "1234@");
    client_hear(fd, "6@1244 0@");
    for (int i = 0; i < 20; i++) {
        if (i % 2)
            server_signal(s, SIGSTOP);
        client_say(fd, "9@10 + ");
        check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
        client_say(fd, "1234@");
        if (i % 2)
            server_signal(s, SIGCONT);
        client_hear(fd, "6@1244 0@");
    }
    check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
    server_settle(s);
    server_expect_calm(s, 0.2);
    bystander_start(&b, s);
    bystander_expect_well(&b, 5);
    client_ask(fd);
    close(fd);
}

scenario_list resets_scenarios = {
    &before_accept, &mid_frame, &half_sent, &unread, &in_farewell, &urgent, NULL
};
