/* Backpressure and fairness: can a client that sends without end, and does not read,
 * harm anybody but itself? */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Small buffers on both sides, so that little is needed to fill the pipe. */
static const struct client_setup small = { .rcvbuf = 4096, .sndbuf = 4096 };
static const char small_server[] = "-c 2000 --rcvbuf 4096 --sndbuf 4096";

enum { MOST_MEMORY = 64 }; /* KiB that a client may hold of the server's memory */

/* How much the process may grow for other reasons: the stack touched for the first
 * time, the allocator's own. */
enum { SLACK = 1024 };

static void expect_memory(const struct server *s, long before, long clients)
{
    long now = server_memory(s), most = before + clients * MOST_MEMORY + SLACK;

    if (server_is_sanitized(s))
        return;
    check(now <= most,
          "%ld clients made the server grow from %ld to %ld KiB, at most %d each",
          clients, before, now, MOST_MEMORY);
}

SCENARIO(never_reads, "backpressure/never-reads", "calc", small_server,
    "When a client sends 10 MB of requests and never reads, does the server stop "
    "reading, hold no more than 64 KiB, use no CPU and serve others meanwhile? And when "
    "the client reads at last, does every reply to what was taken arrive, in order?")
{
    struct script t = { 0 };
    struct bystander b;
    size_t sent;
    long before;
    int fd;

    script_add_sums(&t, 600000);
    check(t.len > 10000000, "this test is wrong: only %zu bytes", t.len);
    fd = client_open_with(s, &small);
    client_ask(fd);
    before = server_memory(s);
    sent = client_push(fd, t.bytes, t.len, s);
    check(sent < 1000000, "the server took %zu bytes from a client that does not read",
          sent);
    expect_memory(s, before, 1);
    server_expect_calm(s, 0.2);
    bystander_start(&b, s);
    bystander_expect_well(&b, 20);
    /* All that was taken and 100 KB more. */
    t.len = sent + 100000;
    script_ready(&t, CLIENT_FINISHES);
    script_play_rest(&t, sent, fd);
    script_free(&t);
}

SCENARIO(stop_and_go, "backpressure/stop-and-go", "calc", small_server,
    "Does a client that reads and rests in turn, so that the server pauses and resumes "
    "again and again, get every reply? Under edge trigger no second edge tells of what "
    "was left unread.")
{
    struct script t = { 0 };
    size_t sent = 0, got = 0;
    int fd;

    script_add_sums(&t, 60000);
    script_ready(&t, CLIENT_FINISHES);
    fd = client_open_with(s, &small);
    for (int i = 0; i < 4; i++) {
        size_t some;

        sent += client_push(fd, t.bytes + sent, t.len - sent, s);
        some = sent / 3 - got; /* replies are longer than half of the requests */
        client_expect(fd, t.replies + got, some);
        got += some;
    }
    client_converse(fd, t.bytes + sent, t.len - sent, CLIENT_FINISHES, t.replies + got,
                    t.replies_len - got);
    close(fd);
    script_free(&t);
}

SCENARIO(finished_unread, "backpressure/finished-unread", "calc", "--sndbuf 4096",
    "Does the FIN of a client that the server has stopped reading from spin nothing, "
    "though it cannot be read yet, and is everything before it answered, then ended?")
{
    const struct client_setup small_in = { .rcvbuf = 4096 };
    struct script t = { 0 };
    int fd;

    script_add_sums(&t, 3300); /* its receive buffer holds them all */
    script_ready(&t, CLIENT_FINISHES);
    fd = client_open_with(s, &small_in);
    client_send(fd, t.bytes, t.len);
    client_finish(fd);
    server_settle(s);
    server_expect_calm(s, 0.2);
    script_play_rest(&t, t.len, fd);
    script_free(&t);
}

SCENARIO(hundred_never_read, "backpressure/hundred-never-read", "calc", small_server,
    "Do a hundred clients that never read hold no more than 64 KiB each, and can the "
    "server still serve another and then be stopped within its time?")
{
    struct script t = { 0 };
    size_t sent[100] = { 0 };
    int fds[100], fd;
    long before;

    script_add_sums(&t, 60000);
    before = server_memory(s);
    for (int i = 0; i < 100; i++)
        fds[i] = client_open_with(s, &small);
    for (int still = 0; still < 10; still++) {
        for (int i = 0; i < 100; i++) {
            ssize_t n = send(fds[i], t.bytes + sent[i], t.len - sent[i], MSG_NOSIGNAL);

            if (n > 0) {
                sent[i] += (size_t)n;
                still = 0;
            }
        }
        server_settle(s);
    }
    for (int i = 0; i < 100; i++)
        check(sent[i] < t.len, "the server took all %zu bytes of a client that never "
              "reads, so nothing was seen: does it heed --rcvbuf and --sndbuf?", t.len);
    expect_memory(s, before, 100);
    client_ask(fd = client_open(s));
    close(fd);
    for (int i = 0; i < 100; i++)
        client_reset(fds[i]);
    script_free(&t);
}

SCENARIO(one_byte_short, "backpressure/one-byte-short", "calc", "-c 1000",
    "Do a thousand clients, each holding the longest frame one byte short, cost no more "
    "than was promised, and is each served when the byte comes?")
{
    static char frame[5 + 4095 + 1];
    static int fds[1000];
    const int n = 1000;
    int descriptors;
    long before;

    memcpy(frame, "4095@", 5);
    memset(frame + 5, '0', 4095);
    memcpy(frame + 4095, "7 * 6@", 6);
    before = server_memory(s);
    descriptors = server_descriptors(s);
    for (int i = 0; i < n; i++) {
        fds[i] = client_open(s);
        client_send(fds[i], frame, sizeof frame - 1);
    }
    server_expect_descriptors(s, descriptors + n);
    server_settle(s);
    expect_memory(s, before, n);
    for (int i = 0; i < n; i++)
        client_say(fds[i], "@");
    for (int i = 0; i < n; i++)
        client_hear(fds[i], "4@42 0@");
    for (int i = 0; i < n; i++)
        close(fds[i]);
}

SCENARIO(white_space, "backpressure/white-space", "calc", "",
    "Does endless white space, of which nothing has to be kept, leave the memory flat "
    "and the others served? 10 MB of blanks, 1 MB of newlines.")
{
    enum { BLANKS = 10000000, NEWLINES = 1000000 };
    struct script t = { 0 };
    struct bystander b;
    char *blanks = malloc(BLANKS);
    long before;

    check(blanks != NULL, "no memory");
    memset(blanks, ' ', BLANKS);
    memset(blanks, '\n', NEWLINES);
    script_add(&t, blanks, BLANKS);
    free(blanks);
    script_add_sums(&t, 1);
    script_ready(&t, CLIENT_FINISHES);
    bystander_start(&b, s);
    before = server_memory(s);
    script_play(&t, s);
    expect_memory(s, before, 1);
    bystander_expect_well(&b, 20);
    script_free(&t);
}

/* Sends and reads without a pause until its parent ends it. */
static pid_t start_flood(const struct server *s)
{
    struct script t = { 0 };
    struct pollfd p = { .fd = client_open(s), .events = POLLIN | POLLOUT };
    static char trash[65536];
    pid_t pid;

    script_add_sums(&t, 3000);
    if ((pid = fork()) > 0) {
        close(p.fd);
        script_free(&t);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t at = 0; poll(&p, 1, -1) > 0;) {
        ssize_t n = send(p.fd, t.bytes + at, t.len - at, MSG_NOSIGNAL);

        at = n > 0 ? (at + (size_t)n) % t.len : at;
        n = recv(p.fd, trash, sizeof trash, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
    }
    _exit(0);
}

SCENARIO(flood, "backpressure/flood", "calc", "",
    "Is a client served beside one that floods without a pause? Work for one client in "
    "one turn of the loop is bounded.")
{
    struct bystander b;
    pid_t pid;

    pid = start_flood(s);
    check(pid > 0, "fork failed");
    bystander_start(&b, s);
    bystander_expect_well(&b, 100);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

scenario_list backpressure_scenarios = {
    &never_reads, &stop_and_go, &finished_unread, &hundred_never_read,
    &one_byte_short, &white_space, &flood, NULL
};
