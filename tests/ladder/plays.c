#define _GNU_SOURCE
#include "plays.h"

#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "look.h"
#include "told.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HIGH = 1020 };

bool play_silent(struct server *s)
{
    int a = client_open(s), b;
    bool well;

    let_rest(s);
    b = client_open(s);
    client_say(b, question(s));
    fprintf(page, "A connects and is silent. B connects and sends: %s\n", question(s));
    well = tell_hearing(s, b, 'B');
    close(a);
    if (!well) {
        fprintf(page, "A leaves.\n");
        check(tell_hearing(s, b, 'B'), "B hears nothing although A has left");
    }
    close(b);
    return well;
}

static bool tell_size(const struct server *s)
{
    int processes = look_processes(s), threads = look_threads(s);

    fprintf(page, "  The server is %d process%s with %d thread%s.\n", processes,
            processes == 1 ? "" : "es", threads, threads == 1 ? "" : "s");
    return threads == 1;
}

/* Waits until the server is of this size: the crowd has come, or has gone. */
static void expect_threads(const struct server *s, int n)
{
    for (double end = guard_end(); look_threads(s) != n; guard_pause(end, "the crowd"))
        ;
}

bool play_crowd(struct server *s)
{
    int crowd[CROWD], threads = look_threads(s);
    bool well;

    fprintf(page, "%d clients connect and are silent.\n", CROWD);
    crowd_open(s, crowd);
    let_rest(s);
    if (look_threads(s) != threads)
        expect_threads(s, CROWD + 1);
    well = tell_size(s);
    crowd_close(crowd);
    expect_threads(s, threads);
    if (!well) {
        fprintf(page, "They leave.\n");
        tell_size(s);
    }
    return well;
}

bool play_quiet(struct server *s)
{
    return tell_runs(s);
}

bool play_high(struct server *s)
{
    int clients[8], well = 0, closed = 0;

    fprintf(page, "All descriptors below %d are in use, and the listener takes one more.\n"
            "8 clients connect, and each sends: %s\n", HIGH, question(s));
    for (int i = 0; i < 8; i++)
        clients[i] = client_open(s);
    for (int i = 0; i < 8; i++) {
        /* To a connection that was closed already, send may fail. */
        ssize_t n = send(clients[i], question(s), strlen(question(s)), MSG_NOSIGNAL);

        if (n > 0 && hears(s, clients[i], reply(s)))
            well++;
        else
            closed++;
    }
    for (int i = 0; i < 8; i++)
        close(clients[i]);
    fprintf(page, "  %d of them hear it, %d are closed.\n", well, closed);
    return well == 8;
}
