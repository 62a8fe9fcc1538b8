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

/* A reset before accept: accept succeeds, the first read says so, and that is all? */
static void before_accept(char *const command[])
{
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "");
    before = server_descriptors(&s);
    server_signal(&s, SIGSTOP);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(&s);

        if (i % 2)
            client_say(fd, "9@10 + 1234@");
        client_reset(fd);
    }
    server_signal(&s, SIGCONT);
    server_expect_descriptors(&s, before);
    bystander_start(&b, &s);
    expect_in_order(&s, &b, before + 1);
    server_stop(&s);
}

/* A reset in the middle of a frame? */
static void mid_frame(char *const command[])
{
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "");
    bystander_start(&b, &s);
    before = server_descriptors(&s);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(&s);

        client_send(fd, "9@10 + 1234@", 1 + (size_t)i % 11);
        if (i % 2)
            server_settle(&s);
        client_reset(fd);
    }
    expect_in_order(&s, &b, before);
    server_stop(&s);
}

/* A reset while a reply is half sent and the server waits to send the rest? */
static void half_sent(char *const command[])
{
    struct script t = { 0 };
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "--rcvbuf 4096 --sndbuf 4096");
    bystander_start(&b, &s);
    before = server_descriptors(&s);
    script_add_sums(&t, 60000);
    for (int i = 0; i < 3; i++) {
        int fd = client_open_with(&s, &small);

        client_push(fd, t.bytes, t.len, &s);
        client_reset(fd);
    }
    script_free(&t);
    expect_in_order(&s, &b, before);
    server_stop(&s);
}

/* A client that closes politely with its replies unread, so that its kernel answers
   them with a reset? */
static void unread(char *const command[])
{
    struct script t = { 0 };
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "");
    bystander_start(&b, &s);
    before = server_descriptors(&s);
    script_add_sums(&t, 500);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(&s);

        client_send(fd, t.bytes, t.len);
        if (i % 2)
            client_wait(fd, guard_end());
        close(fd);
    }
    script_free(&t);
    expect_in_order(&s, &b, before);
    server_stop(&s);
}

/* A reset during the farewell? */
static void in_farewell(char *const command[])
{
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "");
    bystander_start(&b, &s);
    before = server_descriptors(&s);
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_open(&s);

        client_say(fd, "x and more");
        if (i % 2)
            client_converse(fd, "", 0, CLIENT_IS_LEFT, "3@0 5@", 6);
        client_reset(fd);
    }
    expect_in_order(&s, &b, before);
    server_stop(&s);
}

/* Is urgent data no part of the stream, and does it neither spin the server nor keep it
   from what follows? recv stops at the urgent mark, which may be taken for the end. */
static void urgent(char *const command[])
{
    struct bystander b;
    struct server s;
    int fd;

    server_start(&s, command, "");
    fd = client_open(&s);
    client_say(fd, "9@10 + ");
    check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
    client_say(fd, "1234@");
    client_hear(fd, "6@1244 0@");
    for (int i = 0; i < 20; i++) {
        if (i % 2)
            server_signal(&s, SIGSTOP);
        client_say(fd, "9@10 + ");
        check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
        client_say(fd, "1234@");
        if (i % 2)
            server_signal(&s, SIGCONT);
        client_hear(fd, "6@1244 0@");
    }
    check(send(fd, "!", 1, MSG_OOB) == 1, "cannot send urgent data");
    server_settle(&s);
    server_expect_calm(&s, 0.2);
    bystander_start(&b, &s);
    bystander_expect_well(&b, 5);
    client_ask(fd);
    close(fd);
    server_stop(&s);
}

const struct scenario resets_scenarios[] = {
    { "resets/before-accept", "calc", before_accept },
    { "resets/mid-frame", "calc", mid_frame },
    { "resets/half-sent", "calc", half_sent },
    { "resets/unread", "calc", unread },
    { "resets/in-farewell", "calc", in_farewell },
    { "resets/urgent", "calc", urgent },
    { NULL, NULL, NULL }
};
