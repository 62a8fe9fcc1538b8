/* Do -v and -vv say what happened, in sentences?
 *
 * stderr is a file here, and what was written to it is read back.
 */
#define _GNU_SOURCE
#include "../../common/narrate.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "unit.h"

static struct shared sh;
static struct options options;

/* From here on, what is said goes into a file. */
static FILE *listen_to_stderr(int *saved)
{
    FILE *f = tmpfile();

    fflush(stderr);
    *saved = dup(STDERR_FILENO);
    if (f == NULL || *saved < 0 || dup2(fileno(f), STDERR_FILENO) < 0)
        abort();
    return f;
}

/* What was said, in `text`. */
static void hear(FILE *f, int saved, char *text, size_t room)
{
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(f);
    text[fread(text, 1, room - 1, f)] = '\0';
    fclose(f);
}

static struct conn *open_at(int level, const char *mechanism)
{
    struct conn *c = fake_open(&sh, &options, SERVICE_CALC);

    sh.ledger.mechanism = mechanism;
    narrate_init(&sh.narrator, level, &sh.ledger);
    return c;
}

static void check_said(struct test *t, const char *text, const char *const *said)
{
    for (; *said != NULL; said++)
        test_check(t, strstr(text, *said) != NULL, "expected \"%s\", came \"%s\"",
                   *said, text);
}

/* -v: a line a connection. */
static void connections(struct test *t)
{
    static const char *const said[] = {
        "fake_server: fd 1000: a client connected; 2 clients now.\n",
        "fake_server: fd 1000: a client refused, one client too many.\n",
        "fake_server: fd 1000: closed (the server stops); 1 client now.\n", NULL
    };
    struct conn *c = open_at(1, "poll");
    char text[2000];
    int saved;
    FILE *f = listen_to_stderr(&saved);
    struct conn *second = conn_open(&sh, FAKE_FD);

    conn_refuse(&sh, FAKE_FD);
    fake.closed = false;
    conn_close(second, &sh);
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
    fake.closed = false;
    sh.narrator.level = 0;
    conn_close(c, &sh);
}

/* One turn of a client at -vv, as the loop would tell it. */
static void tell_turn(struct conn *c, uint32_t bits)
{
    sh.ledger.waits++;
    sh.ledger.scanned += 4;
    narrate_wakeup(&sh.narrator, "the_wait", 4, 1);
    narrate_turn(&sh.narrator, "", c->fd, bits);
    fake_turn(c, &sh);
    narrate_rest(&sh.narrator);
}

static void wakeups(struct test *t, const char *mechanism, uint32_t bits,
                    const char *const *said)
{
    struct conn *c = open_at(2, mechanism);
    char text[4000];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    fake_say(FAKE_SUM FAKE_SUM "x");
    fake.room = 20;
    tell_turn(c, bits);
    fake.room = SIZE_MAX;
    tell_turn(c, POLLOUT);
    fake.fin = true;
    narrate_wakeup(&sh.narrator, "the_wait", 4, 1);
    narrate_turn(&sh.narrator, "", c->fd, POLLIN | POLLHUP);
    fake_turn(c, &sh);
    conn_close(c, &sh);
    narrate_rest(&sh.narrator);
    narrate_rest(&sh.narrator);     /* nothing is left to tell */
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
}

static void wakeups_of_poll(struct test *t)
{
    static const char *const said[] = {
        "wakeup 1: described 4 descriptors to the_wait; it reported 1 ready.\n",
        "fd 1000 [IN OUT]", "received 25 bytes", "answered 2 requests",
        "answered 1 bad frame", "sent 20 bytes", "waits to read and to write",
        "fd 1000 [OUT]", "sent 4 bytes, met EAGAIN 1 time, sent our FIN",
        "waits to read.",
        "closed (we finished)", NULL
    };

    wakeups(t, "poll", POLLIN | POLLOUT, said);
}

static void wakeups_of_select(struct test *t)
{
    static const char *const said[] = { "[read set, write set]", "[write set]",
                                        "[read set]", NULL };

    wakeups(t, "select", POLLIN | POLLOUT, said);
}

/* A turn in which nothing is to be done; a close of somebody else. */
static void others(struct test *t)
{
    static const char *const said[] = { "a signal broke it off", "nothing was ready",
                                        "fd 7 [IN], the listener.",
                                        "closed (", NULL };
    struct conn *c = open_at(2, "epoll_lt");
    char text[4000];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    narrate_wakeup(&sh.narrator, "the_wait", 1, -1);
    narrate_wakeup(&sh.narrator, "the_wait", 1, 0);
    narrate_turn(&sh.narrator, "the listener", 7, POLLIN);
    conn_close(c, &sh);
    narrate_rest(&sh.narrator);
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
}

/* While the server is quiet it says nothing. */
static void quiet(struct test *t)
{
    struct conn *c = open_at(0, "poll");
    char text[100];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    fake_say(FAKE_SUM);
    tell_turn(c, POLLIN);
    conn_close(c, &sh);
    fake.closed = false;
    conn_refuse(&sh, FAKE_FD);
    hear(f, saved, text, sizeof text);
    test_bytes(t, "stderr", "", 0, text, strlen(text));
}

int main(void)
{
    static const struct test_case cases[] = {
        { "connections", connections },
        { "wakeups_of_poll", wakeups_of_poll },
        { "wakeups_of_select", wakeups_of_select },
        { "others", others },
        { "quiet", quiet },
        { NULL, NULL }
    };

    return test_main("narrate", cases);
}
