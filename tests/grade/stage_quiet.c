/* Stage 6, quiet: does the server sleep when there is nothing to do? */
#define _GNU_SOURCE
#include "question.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUESTS = 5 };

/* Nobody speaks. */
static void idle(struct exam *e)
{
    did(e, "%d clients came and stayed, and each asked", GUESTS);
    expects(e, "a reply for each");
    for (int i = 0; i < GUESTS; i++)
        ask(e, come(e));
    did(e, "%d clients have asked and been answered, and nobody speaks", GUESTS);
    expect_calm(e, "while nobody spoke");
}

/* After a FIN there is nothing more to read. */
static void after_fin(struct exam *e)
{
    did(e, "%d clients came, asked and sent their FIN", GUESTS);
    expects(e, "a reply for each");
    for (int i = 0; i < GUESTS; i++) {
        int fd = come(e);

        ask(e, fd);
        client_finish(fd);
    }
    did(e, "%d clients have been answered and have sent their FIN; nobody speaks", GUESTS);
    expect_calm(e, "after the FIN");
}

/* A reply waits for a client that does not read. */
static void reply_waits(struct exam *e)
{
    struct script t = { 0 };
    char text[32];
    size_t sent = 0;
    int fd = come_with(e, &deaf);

    did(e, "A client asked");
    expects(e, "a reply");
    ask(e, fd);
    stream_offer(e, &t, OFFERED);
    push(e, fd, &t, &sent);
    settle(e, fd);
    did(e, "A client sent %s of requests and does not read; nobody else speaks",
        amount(sent, text));
    expect_calm(e, "while a reply waited");
    blame_end(e, "dies-of-reset", NULL); /* the client goes with replies unread */
}

const struct check quiet_checks[] = {
    { "idle", 4, idle, 0 },
    { "after-fin", 3, after_fin, 0 },
    { "reply-waits", 3, reply_waits, 0 },
    { 0 }
};
