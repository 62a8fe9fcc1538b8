/* The clocks of a connection: who is closed, who is not, and not before when?
 *
 * Lower limits are exact: the moment we noted came before the server could start its
 * clock. Upper limits are only the guard. Where a client has to act before a clock runs
 * out, the test looks whether it did; if the machine held it up, it tries again. */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 5 };

/* Waits for the close and checks that it came unsaid and not before `earliest`. */
static void expect_expiry(int fd, double earliest, const char *what)
{
    enum client_state state = client_wait(fd, guard_end());
    double early = earliest - guard_now();

    check(state != CLIENT_QUIET, "%s: still open after %g s", what, GUARD);
    check(state != CLIENT_HAS_BYTES, "%s: expected a close unsaid, bytes came", what);
    check(early <= 0.001, "%s: closed %.3f s too early", what, early);
    close(fd);
}

SCENARIO(quiet, "clocks/quiet", "calc", "-i 0.4",
    "Is a client that says nothing closed after -i, fractions of seconds included, and "
    "one that goes quiet after a reply too?")
{
    double start;
    int fd;

    start = guard_now();
    fd = client_open(s);
    expect_expiry(fd, start + 0.4, "a client that says nothing");
    fd = client_open(s);
    guard_sleep_until(guard_now() + 0.2);
    start = guard_now();
    client_ask(fd);
    expect_expiry(fd, start + 0.4, "a client gone quiet after a reply");
}

SCENARIO(many_at_once, "clocks/many-at-once", "calc", "-i 0.5",
    "When two hundred clients expire in one moment, while the two hundred between them "
    "have just spoken, are exactly the right ones closed, and those not too early?")
{
    enum { N = 400 };
    double start, moved[N];
    struct bystander b;
    int fds[N];

    start = guard_now();
    for (int i = 0; i < N; i++) {
        moved[i] = guard_now();
        fds[i] = client_open(s);
    }
    bystander_start(&b, s);
    guard_sleep_until(start + 0.15);
    for (int i = 0; i < N && guard_now() < start + 0.25; i += 2) {
        moved[i] = guard_now();
        client_say(fds[i], " ");
    }
    for (int i = 1; i < N; i += 2)
        expect_expiry(fds[i], moved[i] + 0.5, "one that never spoke");
    for (int i = 0; i < N; i += 2)
        expect_expiry(fds[i], moved[i] + 0.5, "one that spoke");
    bystander_expect_well(&b, 20);
}

/* Drips `text` a byte every `step` seconds. Returns whether it was let to the end. */
static bool drip(int fd, const char *text, double step)
{
    for (double last = guard_now(); *text; text++) {
        enum client_state state = client_wait(fd, last + step);

        if (state == CLIENT_AT_EOF || state == CLIENT_RESET)
            return false;
        guard_sleep_until(last + step);
        if (send(fd, text, 1, MSG_NOSIGNAL) != 1)
            return false;
        last = guard_now();
    }
    return true;
}

SCENARIO(white_space, "clocks/white-space", "calc", "-i 0.3",
    "Is white space between frames activity? A client that sends a blank now and then "
    "stays open beyond -i.")
{
    bool open = false;

    for (int i = 0; i < TRIES && !open; i++) {
        int fd = client_open(s);

        open = drip(fd, "          ", 0.06);
        if (open)
            client_ask(fd);
        close(fd);
    }
    check(open, "a client that sent a blank every 0.06 s was closed at -i 0.3");
}

SCENARIO(slowloris, "clocks/slowloris", "calc", "-f 0.5 -i 0.2",
    "Is a frame that drips closed -f after its first byte, not -f after its last?")
{
    static const char frame[] = "99@000000000000000000000000000000000000000000000000";
    double start, took;
    bool closed;
    int fd = client_open(s);

    start = guard_now();
    closed = !drip(fd, frame, 0.03);
    took = guard_now() - start;
    check(closed, "a frame that drips for %.1f s outlived -f 0.5", took);
    check(took >= 0.5, "closed after %.3f s, before -f 0.5", took);
    close(fd);
}

SCENARIO(begun, "clocks/begun", "calc", "-i 0.1 -f 0.4",
    "Does a request begun stop the quiet clock, so that only -f counts? It is closed "
    "after -f, not already after the shorter -i.")
{
    double start;
    int fd = client_open(s);

    start = guard_now();
    client_say(fd, "9@10");
    expect_expiry(fd, start + 0.4, "a request begun");
}

SCENARIO(anew, "clocks/anew", "calc", "-f 0.5 -i 0.4",
    "Does a new request start the clock anew, even when it begins in the same segment "
    "that ends the one before? Three requests, each well within -f, together beyond it.")
{
    static const char *const parts[] = { "9@10 +", " 1234@9@10", " + 1234@9@1",
                                         "0 + 1234@9@10 +", " 1234@" };
    bool done = false;

    for (int try = 0; try < TRIES && !done; try++) {
        int fd = client_open(s);
        double last = guard_now(), longest = 0;

        for (int i = 0; i < 5; i++) {
            guard_sleep_until(last + (i ? 0.2 : 0));
            longest = guard_now() - last > longest ? guard_now() - last : longest;
            last = guard_now();
            if (client_look(fd) == CLIENT_AT_EOF || client_look(fd) == CLIENT_RESET)
                break;
            client_say(fd, parts[i]);
            if (i > 0)
                client_hear(fd, "6@1244 0@");
            done = i == 4;
        }
        close(fd);
        check(done || longest > 0.4, "closed at -f 0.5, no request took over 0.3 s");
    }
    check(done, "this machine is too busy to tell");
}

SCENARIO(never, "clocks/never", "calc", "-i 0 -f 0",
    "Does 0 mean never, for both clocks?")
{
    int idle, begun_one;

    idle = client_open(s);
    begun_one = client_open(s);
    client_say(begun_one, "9@10 + ");
    guard_sleep_until(guard_now() + 0.3);
    client_ask(idle);
    client_say(begun_one, "1234@");
    client_hear(begun_one, "6@1244 0@");
    close(idle);
    close(begun_one);
}

SCENARIO(stopped, "clocks/stopped", "calc", "-i 0.5 -f 0.5",
    "Does SIGSTOP, longer than both clocks, disturb nobody whose bytes are already "
    "there? Before a clock expires a client, that client is read once more.")
{
    int quiet_one, begun_one;

    quiet_one = client_open(s);
    client_ask(quiet_one);
    begun_one = client_open(s);
    client_say(begun_one, "9@10 + ");
    server_settle(s);
    server_signal(s, SIGSTOP);
    client_say(quiet_one, "9@10 + 1234@");
    client_say(begun_one, "1234@");
    guard_sleep_until(guard_now() + 0.7);
    server_signal(s, SIGCONT);
    client_hear(quiet_one, "6@1244 0@");
    client_hear(begun_one, "6@1244 0@");
    close(quiet_one);
    close(begun_one);
}

/* Requests without end: enough that nobody's buffers hold them. */
static struct script endless(void)
{
    struct script t = { 0 };

    script_add_sums(&t, 60000);
    script_ready(&t, CLIENT_FINISHES);
    return t;
}

SCENARIO(undelivered, "clocks/undelivered", "calc", "-i 0.5 -f 0 --rcvbuf 4096 --sndbuf 4096",
    "Does the quiet clock run while output cannot be delivered, though a request is "
    "begun and -f is never? The client that does not read is closed after -i.")
{
    const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
    struct script t = endless();
    bool stalled = false;
    int before = server_descriptors(s), fd;

    for (int try = 0; try < TRIES && !stalled; try++) {
        fd = client_open_with(s, &small);
        check(client_push(fd, t.bytes, t.len, s) < t.len, "no backpressure");
        stalled = server_descriptors(s) > before;
        server_expect_descriptors(s, before);
        close(fd);
    }
    script_free(&t);
    check(stalled, "this machine is too busy to tell: we were silent for 0.5 s");
}

SCENARIO(not_reading, "clocks/not-reading", "calc", "-i 0 -f 0.2 --rcvbuf 4096 --sndbuf 4096",
    "Does the clock of a request begun stand still while the server does not read? A "
    "client that rests longer than -f, with requests in its pipe, gets all its replies.")
{
    const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
    struct script t = endless();
    size_t sent;
    int fd = client_open_with(s, &small);

    sent = client_push(fd, t.bytes, t.len, s);
    check(sent < t.len, "no backpressure");
    guard_sleep_until(guard_now() + 0.4);
    script_play_rest(&t, sent, fd);
    script_free(&t);
}

scenario_list clocks_scenarios = {
    &quiet, &white_space, &many_at_once, &slowloris, &begun, &anew, &never,
    &stopped, &undelivered, &not_reading, NULL
};
