/* What many clients do to a server, and what they cost it. */
#define _GNU_SOURCE
#include "rows.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Thousands come and go at once, by FIN and by RST (CHURN of them; 3,000 without). Are
 * descriptors and memory as before? */
static void churn(char *const command[])
{
    enum { A_SOURCE = 10000, GROWTH = 1024 /* KiB */ };
    const char *asked = getenv("CHURN");
    long count = asked ? atol(asked) : 3000, memory = 0;
    struct server s;
    int usual;

    server_start(&s, command, "");
    usual = server_descriptors(&s);
    for (long i = 0; i < count; i++) {
        char source[40]; /* a new one in time: closed ports rest for a minute */
        struct client_setup setup = { .source = source };
        int fd;

        snprintf(source, sizeof source, "127.0.0.%ld", 2 + i / A_SOURCE);
        fd = client_open_with(&s, &setup);
        if (i % 4 < 2)
            client_say(fd, "9@10 + 1234@");
        if (i % 2)
            client_reset(fd);
        else
            close(fd);
        if (i == count / 10) { /* the allocator has seen everything by now */
            server_expect_descriptors(&s, usual);
            memory = server_memory(&s);
        }
    }
    server_expect_descriptors(&s, usual);
    check(server_is_sanitized(&s) || server_memory(&s) - memory < GROWTH,
          "after %ld connections it is %ld KiB larger than after a tenth of them",
          count, server_memory(&s) - memory);
    server_stop(&s);
}

enum { PEOPLE = 30 };

/* The reply to request_of(n): each client asks another sum. */
static const char *request_of(int n)
{
    static char text[40];

    snprintf(text, sizeof text, "8@%d + 100@", 10 + n);
    return text;
}

static const char *reply_of(int n)
{
    static char text[40];

    snprintf(text, sizeof text, "5@%d 0@", 110 + n);
    return text;
}

/* In one turn, clients expire, reset and leave, and others come and are given the same
 * descriptors. Does no event, no reply and no clock of the old reach the new? */
static void descriptors_reused(char *const command[])
{
    int old[PEOPLE], new[PEOPLE], usual;
    struct server s;
    double start;

    server_start(&s, command, "-i 0.3");
    usual = server_descriptors(&s);
    start = guard_now();
    for (int n = 0; n < PEOPLE; n++) {
        old[n] = client_open(&s);
        client_ask(old[n]);
    }
    server_signal(&s, SIGSTOP);
    guard_sleep_until(start + 0.6);
    for (int n = 0; n < PEOPLE; n++)
        switch (n % 4) { /* of those that are 0, the clock has expired */
        case 1: client_reset(old[n]); break;
        case 2: client_say(old[n], request_of(n)); break;
        case 3: client_say(old[n], request_of(n)); client_finish(old[n]); break;
        }
    for (int n = 0; n < PEOPLE; n++) {
        new[n] = client_open(&s);
        client_say(new[n], request_of(PEOPLE + n));
    }
    server_signal(&s, SIGCONT);
    for (int n = 0; n < PEOPLE; n++) {
        client_hear(new[n], reply_of(PEOPLE + n));
        client_say(new[n], request_of(n));
        client_hear(new[n], reply_of(n));
        if (n % 4 > 1)
            client_hear(old[n], reply_of(n));
        if (n % 4 == 0)
            client_expect_eof(old[n]);
        if (n % 4 != 1)
            close(old[n]);
    }
    for (int n = 0; n < PEOPLE; n++)
        close(new[n]);
    server_expect_descriptors(&s, usual);
    server_stop(&s);
}

/* A figure of the ledger, which is one JSON object. */
static long figure(const char *ledger, const char *name)
{
    char key[40];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(ledger, key);
    check(at != NULL, "no %s in the ledger: %s", key, ledger);
    return atol(at + strlen(key));
}

static void check_costs(const char *ledger, long people, long rounds)
{
    long waits = figure(ledger, "waits"), watched = figure(ledger, "watched");
    long ready = figure(ledger, "ready"), scanned = figure(ledger, "scanned");

    check(waits >= rounds && ready >= rounds,
          "%ld waits and %ld ready for %ld requests", waits, ready, rounds);
    if (strstr(ledger, "\"epoll")) {
        check(watched == 0 && scanned == ready,
              "epoll: expected nothing watched and scanned equal to ready, got %ld "
              "watched, %ld scanned, %ld ready", watched, scanned, ready);
        return;
    }
    check(watched >= rounds * people && watched <= waits * (people + 2),
          "expected each of %ld waits to describe about %ld descriptors, got %ld",
          waits, people + 2, watched);
    check(scanned >= ready, "%ld ready, but only %ld slots scanned", ready, scanned);
}

/* All clients ask at once; then all but one are silent. Is everybody served, and does
 * each mechanism pay for the silent ones as its ledger should tell: one descriptor
 * each, each time, with select and poll, and nothing with epoll? */
static void crowd_costs(char *const command[])
{
    enum { CLIENTS = 200, ROUNDS = 300 };
    int fds[CLIENTS];
    struct server s;
    char *ledger;

    server_start(&s, command, "-l -");
    for (int n = 0; n < CLIENTS; n++)
        client_ask(fds[n] = client_open(&s));
    server_signal(&s, SIGSTOP);
    for (int n = 0; n < CLIENTS; n++)
        client_say(fds[n], "9@10 + 1234@");
    server_signal(&s, SIGCONT);
    for (int n = 0; n < CLIENTS; n++)
        client_hear(fds[n], "6@1244 0@");
    server_settle(&s);
    server_expect_calm(&s, 0.1);
    for (int round = 0; round < ROUNDS; round++)
        client_ask(fds[CLIENTS / 2]);
    for (int n = 0; n < CLIENTS; n++)
        close(fds[n]);
    server_signal(&s, SIGTERM);
    check(server_wait(&s) == 0, "after SIGTERM: expected exit 0");
    ledger = server_stdout(&s);
    check_costs(ledger, CLIENTS, ROUNDS);
    free(ledger);
}

const struct row crowd_rows[] = {
    { "churn", churn },
    { "descriptors-reused", descriptors_reused },
    { "crowd-costs", crowd_costs },
    { NULL, NULL }
};
