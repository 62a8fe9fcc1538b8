#define _GNU_SOURCE
#include "plays.h"

#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "look.h"
#include "told.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MANY = 1000 };

bool play_sum(struct server *s)
{
    int a = client_open(s);
    char text[100];

    fprintf(page, "A connects and sends: %s\n", SUM);
    client_say(a, SUM);
    hear(s, a, text, sizeof text);
    fprintf(page, "  A hears: %s\n", text);
    close(a);
    return strcmp(text, RESULT) == 0;
}

bool play_pieces(struct server *s)
{
    int a = client_open(s);
    char text[100];
    bool well;

    fprintf(page, "A sends \"9@10\", and a little later \" + 1234@\".\n");
    client_say(a, "9@10");
    look_settled(s, NULL, NULL);
    client_say(a, " + 1234@");
    hear(s, a, text, sizeof text);
    fprintf(page, "  A hears: %s\n", text);
    well = strcmp(text, RESULT) == 0;
    fprintf(page, "A sends two sums at once: 5@1 + 1@5@2 + 2@\n");
    client_say(a, "5@1 + 1@5@2 + 2@");
    hear(s, a, text, sizeof text);
    fprintf(page, "  A hears: %s\n", text);
    close(a);
    return well && strcmp(text, "3@2 0@3@4 0@") == 0;
}

/* Sums without a pause, until the server takes no more, and rests. Returns how many bytes
 * it took; each "5@1 + 1@" is owed "3@2 0@". */
static size_t push_sums(const struct server *s, int client)
{
    char sums[8 * 8192];
    size_t taken = 0, n;

    for (size_t i = 0; i < sizeof sums; i += 8)
        memcpy(sums + i, "5@1 + 1@", 8);
    do {
        size_t from = taken % 8;

        n = client_push(client, sums + from, sizeof sums - from, s);
        taken += n;
        check(taken < (size_t)256 << 20, "the server took 256 MB and no reply was read");
    } while (n > 0);
    check(look_settled(s, NULL, NULL), "the server takes no more, and does not rest either");
    return taken;
}

/* Reads all replies that are owed for these bytes. */
static void read_replies(const struct server *s, int client, size_t taken)
{
    size_t rest = (8 - taken % 8) % 8, replies = (taken + rest) / 8;
    size_t got = 0, want = 6 * replies;
    char bytes[65536];

    for (double end = guard_end(); got < want; ) {
        ssize_t n = recv(client, bytes, sizeof bytes, 0);

        if (n > 0) {
            for (ssize_t i = 0; i < n; i++)
                check(bytes[i] == "3@2 0@"[(got + (size_t)i) % 6], "byte %zu is wrong",
                      got + (size_t)i);
            got += (size_t)n;
            end = guard_end();
        } else if (n == 0 || errno != EAGAIN) {
            check_fail("the server closed, %zu of %zu bytes had come", got, want);
        } else if (rest > 0 && send(client, &"5@1 + 1@"[8 - rest], rest, MSG_NOSIGNAL) > 0) {
            rest = 0;    /* there was room for the few bytes */
        } else {
            guard_pause(end, "the replies");
        }
    }
    look_settled(s, NULL, NULL);
}

bool play_unread(struct server *s)
{
    struct client_setup small = { .rcvbuf = 4096 };
    int a = client_open_with(s, &small), b;
    size_t taken;
    bool well;

    fprintf(page, "A asks 1 + 1 again and again and reads no reply, until the server takes "
            "no more.\n");
    taken = push_sums(s, a);
    fprintf(page, "  Now ");
    tell_sleep(s);
    fprintf(page, ".\nB connects and sends: %s\n", question(s));
    b = client_open(s);
    client_say(b, question(s));
    well = tell_hearing(s, b, 'B');
    fprintf(page, "A reads.\n");
    read_replies(s, a, taken);
    fprintf(page, "  A hears all the replies that it is owed.\n");
    if (!well)
        check(tell_hearing(s, b, 'B'), "B hears nothing although A has read");
    close(a);
    close(b);
    return well;
}

static bool tell_list(const struct server *s)
{
    unsigned long second = 0;
    const char *call;

    look_settled(s, NULL, NULL);
    call = look_call(s, &second);
    if (strcmp(call, "poll") == 0)
        fprintf(page, "  The server sleeps in poll, and hands over %lu entries.\n", second);
    else
        fprintf(page, "  The server sleeps in %s, and hands over none. The kernel's list has "
                "%d entries.\n", call, look_listed(s));
    return strcmp(call, "epoll_wait") == 0;
}

bool play_list(struct server *s)
{
    int a = client_open(s), crowd[CROWD];
    bool well;

    fprintf(page, "A connects.\n");
    tell_list(s);
    crowd_open(s, crowd);
    fprintf(page, "%d more connect and are silent.\n", CROWD);
    well = tell_list(s);
    crowd_close(crowd);
    close(a);
    return well;
}

/* A is served, and then no descriptor is free; B connects and asks. */
static void fill_up(struct server *s, int *a, int *b)
{
    *a = client_open(s);
    client_ask(*a);
    look_settled(s, NULL, NULL);
    server_limit_descriptors(s, (rlim_t)server_next_descriptor(s));
    fprintf(page, "A connects, and is served. Now all descriptors that the server may have are "
            "in use.\nB connects and sends: %s\n", SUM);
    *b = client_open(s);
    client_say(*b, SUM);
}

bool play_full(struct server *s)
{
    int a, b;
    bool well;

    fill_up(s, &a, &b);
    well = tell_runs(s);
    client_ask(a);
    fprintf(page, "A asks once more, and is served.\n");
    close(a);
    close(b);
    return well;
}

/* One client sends a thousand sums, three connect: all while the server is stopped, so that
 * it finds everything there at once. */
bool play_burst(struct server *s)
{
    int a = client_open(s), others[3], served = 0;
    char text[8 * MANY];
    size_t replies;

    client_ask(a);
    look_settled(s, NULL, NULL);
    server_signal(s, SIGSTOP);
    for (int i = 0; i < MANY; i++)
        client_say(a, "5@1 + 1@");
    for (double end = guard_end(); look_unread(s, a) < 8 * MANY; guard_pause(end, "the sums"))
        ;
    server_signal(s, SIGCONT);
    replies = hear(s, a, text, sizeof text) / 6;
    fprintf(page, "A sends %d sums at once.\n  A hears %zu replies. %ld bytes lie unread; ",
            MANY, replies, look_unread(s, a));
    tell_sleep(s);
    fprintf(page, ".\n");
    server_signal(s, SIGSTOP);
    for (int i = 0; i < 3; i++) {
        others[i] = client_open(s);
        client_say(others[i], SUM);
    }
    server_signal(s, SIGCONT);
    for (int i = 0; i < 3; i++)
        served += hears(s, others[i], RESULT);
    fprintf(page, "3 clients connect at once, and each sends a sum.\n  %d of them %s served.\n",
            served, served == 1 ? "is" : "are");
    for (int i = 0; i < 3; i++)
        close(others[i]);
    close(a);
    return replies == MANY && served == 3;
}

bool play_stranded(struct server *s)
{
    int a, b;
    bool well;

    fill_up(s, &a, &b);
    look_settled(s, NULL, NULL);
    close(a);
    fprintf(page, "A leaves, so that a descriptor is free.\n");
    well = tell_hearing(s, b, 'B');
    close(b);
    return well;
}
