/* How a conversation ends: half-close, and the farewell after a bad frame. */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

SCENARIO(thousand, "half-close/thousand", "calc", "",
    "Does a client that half-closes after 1,000 requests get 1,000 replies, then EOF?")
{
    struct script t = { 0 };

    script_add_sums(&t, 1000);
    script_run(&t, CLIENT_FINISHES, s);
}

SCENARIO(late_reader, "half-close/late-reader", "calc", "--sndbuf 4096",
    "Does a client with a small receive buffer, which half-closes early and reads late, "
    "get every reply too, then EOF?")
{
    const struct client_setup small = { .rcvbuf = 4096 };
    struct script t = { 0 };
    size_t sent;
    int fd;

    script_add_sums(&t, 20000);
    script_ready(&t, CLIENT_FINISHES);
    fd = client_open_with(s, &small);
    sent = client_push(fd, t.bytes, t.len, s);
    if (sent == t.len)
        client_finish(fd);
    server_settle(s);
    script_play_rest(&t, sent, fd);
    script_free(&t);
}

SCENARIO(nothing_said, "half-close/nothing-said", "calc", "",
    "Is a connection that carries nothing, or white space only, ended without a reply?")
{
    client_visit(s, "", 0, CLIENT_FINISHES, "", 0);
    client_visit(s, " \t\r\n ", 5, CLIENT_FINISHES, "\r\n", 2);
}

SCENARIO(inside_frame, "half-close/inside-frame", "calc", "",
    "Is a stream that ends inside a frame, at any of its bytes, answered by status 5? "
    "With the FIN together with the data, and with the FIN alone.")
{
    static const char before[] = "5@2 + 3@";
    static const char frame[] = "19@1234567 + 123456789@";

    for (int apart = 0; apart < 2; apart++)
        for (size_t len = 0; len < sizeof frame; len++) {
            struct script t = { 0 };
            int fd = client_open(s);

            script_add_text(&t, before);
            script_add(&t, frame, len);
            script_ready(&t, CLIENT_FINISHES);
            client_send(fd, t.bytes, t.len);
            if (apart)
                server_settle(s);
            script_play_rest(&t, t.len, fd);
            script_free(&t);
        }
}

SCENARIO(farewell, "farewell/late-reader", "calc", "",
    "After a bad frame, with 300 KB of replies still owed to a small receive buffer, "
    "and 1 MB more sent behind it, does a client that reads late get every reply, then "
    "`3@0 5@`, then EOF? Closing with unread data sends a reset, which destroys what is "
    "on its way.")
{
    const struct client_setup small = { .rcvbuf = 4096 };
    struct script t = { 0 };
    struct bystander b;
    char *more = malloc(1 << 20);
    size_t sent;
    int fd;

    bystander_start(&b, s);
    script_add_sums(&t, 25000);
    script_add_text(&t, "5@1 + 1!");
    memset(more, 'x', 1 << 20);
    script_add(&t, more, 1 << 20);
    free(more);
    script_ready(&t, CLIENT_STAYS);
    check(t.replies_len > 300000, "this test is wrong: only %zu bytes owed",
          t.replies_len);
    fd = client_open_with(s, &small);
    sent = client_push(fd, t.bytes, t.len, s);
    script_play_rest(&t, sent, fd);
    bystander_expect_well(&b, 20);
    script_free(&t);
}

SCENARIO(farewell_answered, "farewell/answered", "calc", "",
    "Does the farewell end as soon as the peer closes, and not hold its place for 2 s?")
{
    double start;
    int before = server_descriptors(s);

    start = guard_now();
    client_visit(s, "x", 1, CLIENT_IS_LEFT, "3@0 5@", 6);
    server_expect_descriptors(s, before);
    check(guard_now() - start < 1.9,
          "the peer closed, but the server held on for %.1f s", guard_now() - start);
}

SCENARIO(farewell_limited, "farewell/limited", "calc", "",
    "Does the farewell last 2 s for a peer that sends on and never closes, and no "
    "longer? Until then what the peer sends is discarded and draws no reset.")
{
    double start, gone;
    int before = server_descriptors(s), fd;

    start = guard_now();
    fd = client_open(s);
    client_converse(fd, "x", 1, CLIENT_IS_LEFT, "3@0 5@", 6);
    for (double end = guard_end(); server_descriptors(s) > before;) {
        gone = guard_now();
        send(fd, "y", 1, MSG_NOSIGNAL);
        guard_pause(end, "the end of a farewell that the peer does not answer");
    }
    gone = guard_now() - start;
    check(gone >= 2.0, "expected a farewell of 2 s, it lasted %.2f s", gone);
    close(fd);
}

SCENARIO(farewell_stopped, "farewell/stopped", "calc", "",
    "Is a farewell still a farewell when the server is told to stop in it? The client "
    "sends on: it gets what it was owed and EOF, no reset; and the server ends in time.")
{
    double start;
    int fd = client_open(s);

    client_say(fd, "9@10 + 1234@x and");
    server_settle(s);
    start = guard_now();
    server_signal(s, SIGTERM);
    for (int i = 0; i < 10; i++) {
        client_say(fd, " more");
        server_settle(s);
    }
    client_converse(fd, "", 0, CLIENT_IS_LEFT, "6@1244 0@3@0 5@", 15);
    check(client_look(fd) == CLIENT_AT_EOF, "expected EOF, and that it stays so");
    close(fd);
    check(server_wait(s) == 0, "expected exit 0 after SIGTERM");
    check(guard_now() - start < 1.9, "the peer closed, but the server held on");
}

scenario_list endings_scenarios = {
    &thousand, &late_reader, &nothing_said, &inside_frame, &farewell,
    &farewell_answered, &farewell_limited, &farewell_stopped, NULL
};
