#define _GNU_SOURCE
#include "waits.h"

#include "../faults/behind.h"
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Starts the server behind the shim, and two clients, who are served by two threads if
 * there are two.  Then all sleep, and no call of epoll_wait has failed. */
static struct shim_page *start(struct server *s, char *const command[], const char *plan,
                               int fds[2])
{
    struct shim_page *page;

    server_start(s, command, "");
    if (server_is_sanitized(s))
        check_skip("the shim does not go together with a sanitizer");
    server_stop(s);
    page = behind_count();
    behind_shim("SHIM_FAIL", plan);
    server_start(s, command, "-s echo");
    for (int i = 0; i < 2; i++)
        client_converse(fds[i] = client_open(s), "hello", 5, CLIENT_STAYS, "hello", 5);
    server_settle(s);
    return page;
}

/* The server ends with status 1, and has said why, once; its clients are told. */
static void expect_end(struct server *s, const int fds[2])
{
    static const char line[] = "epoll_wait failed: Bad file descriptor";
    int status = server_wait(s);
    char *told = server_stderr(s), *first = strstr(told, line);

    check(status == 1, "expected exit 1, got %d", status);
    check(first != NULL && strstr(first + 1, line) == NULL,
          "expected \"%s\" once on stderr, which holds:\n%s", line, told);
    free(told);
    for (int i = 0; i < 2; i++) {
        client_expect_gone(fds[i]);
        close(fds[i]);
    }
    close(s->out);
    close(s->err);
}

void worker_wait_fails(char *const command[])
{
    struct server s;
    int fds[2];
    struct shim_page *page = start(&s, command, "epoll_wait:100000:EBADF:1", fds);

    page->first = page->calls[CALL_epoll_wait] + 1;
    client_converse(fds[0], "again", 5, CLIENT_STAYS, "again", 5);
    client_finish(fds[1]);    /* or the stop would take its 2 s */
    client_finish(fds[0]);
    expect_end(&s, fds);
    check(page->struck == 1, "struck %lu times", page->struck);
}

void acceptor_wait_fails(char *const command[])
{
    struct server s;
    int fds[2], waiting;
    struct shim_page *page = start(&s, command, "epoll_wait:100000:EBADF:1000000", fds);

    server_limit_descriptors(&s, (rlim_t)server_next_descriptor(&s));
    waiting = client_open(&s);
    for (double end = guard_end(); page->calls[CALL_accept4] < 5; )
        guard_pause(end, "accept, after pauses");
    page->first = page->calls[CALL_epoll_wait] + 1;
    expect_end(&s, fds);
    close(waiting);
}
