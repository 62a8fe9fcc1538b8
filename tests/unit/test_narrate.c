/* Do -v and -vv say what happened, in sentences?
 *
 * stderr is a file here, and what was written to it is read back.
 */
#define _GNU_SOURCE
#include "../../common/narrate.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"
#include "unit.h"

static struct loop loop;
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

static struct conn *open_at(int level, bool scans)
{
    struct conn *c = fake_open(&loop, &options, SERVICE_CALC);

    narrate_init(&loop.narrator, level, &loop.ledger, "the_wait", scans);
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
    struct conn *c = open_at(1, true);
    char text[2000];
    int saved;
    FILE *f = listen_to_stderr(&saved);
    struct conn *second = conn_open(&loop, FAKE_FD);

    conn_refuse(&loop, FAKE_FD);
    fake.closed = false;
    conn_close(second, &loop);
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
    fake.closed = false;
    loop.narrator.level = 0;
    conn_close(c, &loop);
}

/* One turn of a client at -vv, as the loop would tell it. */
static void tell_turn(struct conn *c, uint32_t bits)
{
    loop.ledger.waits++;
    narrate_wakeup(&loop.narrator, 4, 1);
    loop.ledger.scanned += 4;
    narrate_event(&loop.narrator, c->fd, bits);
    fake_turn(c, &loop);
    narrate_rest(&loop.narrator);
}

static void wakeups(struct test *t)
{
    static const char *const said[] = {
        "wakeup 1: described 4 descriptors to the_wait; it reported 1 ready.\n",
        "fd 1000 [IN OUT]", "received 25 bytes", "answered 2 requests",
        "answered 1 bad frame", "sent 20 bytes", "waits to read and to write",
        "fd 1000 [OUT]", "sent 4 bytes, met EAGAIN 1 time, sent our FIN",
        "waits to read.", "closed (we finished)", "Scanned 4 slots", NULL
    };
    struct conn *c = open_at(2, true);
    char text[4000];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    fake_say(FAKE_SUM FAKE_SUM "x");
    fake.room = 20;
    tell_turn(c, POLLIN | POLLOUT);
    fake.room = SIZE_MAX;
    tell_turn(c, POLLOUT);
    fake.fin = true;
    narrate_wakeup(&loop.narrator, 4, 1);
    narrate_event(&loop.narrator, c->fd, POLLIN | POLLHUP);
    fake_turn(c, &loop);
    conn_close(c, &loop);
    narrate_rest(&loop.narrator);
    narrate_rest(&loop.narrator);     /* nothing is left to tell */
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
}

/* A turn in which nothing is to be done; a close of somebody else. */
static void others(struct test *t)
{
    static const char *const said[] = { "a signal interrupted it.", "it failed: ",
                                        "nothing was ready.",
                                        "fd 7 [read set], the listener.",
                                        "Scanned nothing",
                                        "closed (", NULL };
    struct conn *c = open_at(2, false);
    char text[4000];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    errno = EINTR;
    narrate_wakeup(&loop.narrator, 1, -1);
    errno = ENOMEM;
    narrate_wakeup(&loop.narrator, 1, -1);
    narrate_wakeup(&loop.narrator, 1, 0);
    narrate_turn(&loop.narrator, "the listener", 7, "read set");
    conn_close(c, &loop);
    narrate_rest(&loop.narrator);
    hear(f, saved, text, sizeof text);
    check_said(t, text, said);
}

/* While the server is quiet it says nothing. */
static void quiet(struct test *t)
{
    struct conn *c = open_at(0, true);
    char text[100];
    int saved;
    FILE *f = listen_to_stderr(&saved);

    fake_say(FAKE_SUM);
    tell_turn(c, POLLIN);
    conn_close(c, &loop);
    fake.closed = false;
    conn_refuse(&loop, FAKE_FD);
    hear(f, saved, text, sizeof text);
    test_bytes(t, "stderr", "", 0, text, strlen(text));
}

int main(void)
{
    static const struct test_case cases[] = {
        { "connections", connections },
        { "wakeups", wakeups },
        { "others", others },
        { "quiet", quiet },
        { NULL, NULL }
    };

    return test_main("narrate", cases);
}
