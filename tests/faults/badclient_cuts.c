/* Modes that cut the stream oddly, or send what no request is made of. */
#define _GNU_SOURCE
#include "badclient.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/oracle.h"
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mode_trickle(struct plan *plan)
{
    struct talk *talks = calloc((size_t)plan->count, sizeof *talks);
    double end = guard_now() + plan->seconds;
    long replies = 0;

    check(talks != NULL, "no memory for %ld connections", plan->count);
    say("trickle: %ld connections send a byte at a time, and then pause. They "
        "should be answered like anybody else, at no cost to the others.",
        plan->count);
    for (long i = 0; i < plan->count; i++) {
        talk_open(&talks[i], &plan->target, i + 2, NULL);
        talks[i].limit = 1;
    }
    while (guard_now() < end) {
        poll(NULL, 0, 1 + (int)plan_random(plan, 5));
        for (long i = 0; i < plan->count; i++) {
            if (!talk_has_to_send(&talks[i]))
                talks[i].limit++;
            talk_send(&talks[i], 1);
            check(talk_receive(&talks[i]) <= TALK_WAITS,
                  "the server ended the connection of a client that is just slow");
        }
    }
    for (long i = 0; i < plan->count; i++) {
        talk_complete(&talks[i]);
        talk_end(&talks[i]);
        replies += talks[i].heard;
    }
    say("%ld requests dripped and answered.", replies);
    free(talks);
}

void mode_split(struct plan *plan)
{
    enum { REQUESTS = 200 };
    static struct talk talk;
    long pieces = 0;

    say("split: %ld connections send %d requests each, in pieces of 1 to 20 "
        "bytes, or all in one. The replies should not differ.", plan->count,
        REQUESTS);
    for (long i = 0; i < plan->count; i++) {
        bool is_whole = i % 4 == 3;

        talk_open(&talk, &plan->target, i + 2, NULL);
        talk.limit = REQUESTS;
        while (talk_has_to_send(&talk)) {
            size_t piece = is_whole ? TALK_OUT : 1 + plan_random(plan, 20);

            check(talk_send(&talk, piece) != TALK_BROKEN, "the server broke off");
            pieces++;
        }
        talk_complete(&talk);
        talk_end(&talk);
    }
    say("%ld requests in %ld pieces, all answered rightly.",
        plan->count * REQUESTS, pieces);
}

/* What strangers send to an open port, and what a wrong client sends to ours. */
static const struct {
    const char *name;
    const char *bytes;
    size_t length;
} garbage[] = {
#define TEXT(name, text) { name, text, sizeof text - 1 }
    TEXT("an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    TEXT("a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    TEXT("telnet negotiation", "\xff\xfd\x03\xff\xfb\x18"),
    TEXT("NULs", "\0\0\0\0\0\0\0\0"),
    TEXT("0xFF", "\xff\xff\xff\xff"),
    TEXT("a length of 20 digits", "99999999999999999999@1@"),
    TEXT("a length of 4096", "4096@"),
    TEXT("a leading zero", "07@1 + 2@"),
    TEXT("a negative length", "-1@1 + 2@"),
    TEXT("no trailer", "9@10 + 12345"),
    TEXT("good requests, then a bad one", "9@10 + 1234@9@10 + 1234@9x10 + 1234@"),
    TEXT("half a request", "9@10 +"),
    TEXT("an SSH greeting", "SSH-2.0-OpenSSH_9.2p1\r\n")
#undef TEXT
};

enum { KINDS = sizeof garbage / sizeof garbage[0], RANDOM_BYTES = 3000 };

void mode_garbage(struct plan *plan)
{
    static char bytes[RANDOM_BYTES], want[2 * RANDOM_BYTES + 8];
    bool echo = strcmp(plan->target.service, "echo") == 0;

    say("garbage: %ld connections send what is no request, %d kinds of it "
        "and random bytes. Each should be %s, with no reset.", plan->count, KINDS,
        echo ? "echoed" : "told so, and then closed");
    for (long i = 0; i < plan->count; i++) {
        unsigned kind = (unsigned)i % (KINDS + 1);
        size_t length = RANDOM_BYTES, want_length;
        bool closes;
        int fd = client_open(&plan->target);

        if (kind < KINDS)
            memcpy(bytes, garbage[kind].bytes, length = garbage[kind].length);
        else
            for (size_t at = 0; at < length; at++)
                bytes[at] = (char)plan_random(plan, 256);
        memcpy(want, bytes, want_length = length);
        if (!echo)
            want_length = oracle_stream(bytes, length, true, want, &closes);
        plan_detail(plan, "Connection %ld: %s.", i,
                    kind < KINDS ? garbage[kind].name : "random bytes");
        client_converse(fd, bytes, length, CLIENT_FINISHES, want, want_length);
        close(fd);
    }
}

void mode_oob(struct plan *plan)
{
    enum { ROUNDS = 10, BURST = 100 };
    static struct talk talk;

    say("oob: %ld connections send urgent bytes in the middle of requests. "
        "They are no part of the stream: replies should be as ever, and nothing "
        "should spin.", plan->count);
    for (long i = 0; i < plan->count; i++) {
        talk_open(&talk, &plan->target, i + 2, NULL);
        for (int round = 0; round < ROUNDS; round++) {
            talk.limit++;
            talk_send(&talk, 1 + plan_random(plan, 8));
            check(send(talk.fd, "x", 1, MSG_OOB | MSG_NOSIGNAL) == 1,
                  "cannot send urgent data: %s", strerror(errno));
            talk_complete(&talk);
        }
        /* Only the last of a run of urgent bytes stays out of the stream: what the
         * server makes of the others is its affair. */
        for (int n = 0; n < BURST; n++)
            send(talk.fd, "x", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
        close(talk.fd);
    }
}
