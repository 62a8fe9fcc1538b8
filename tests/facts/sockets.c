/* What the sockets themselves do, whoever watches them. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char megabytes[16 << 20];        /* more than a socket takes at once */

static void try_message(void)
{
    int c[2];
    char text[64];
    ssize_t both, part, rest;

    make_connection(c);
    say(c[1], "abc");
    say(c[1], "def");
    both = recv(c[0], text, sizeof text, 0);
    say(c[1], "abcdef");
    part = recv(c[0], text, 2, 0);
    rest = recv(c[0], text, sizeof text, 0);
    promised(both == 6, "two sends of 3 bytes: one recv returns %zd", both);
    promised(part == 2 && rest == 4, "one send of 6 bytes: the recvs return %zd and %zd",
             part, rest);
}

static const struct fact message = {
    .name = "sockets/message", .run = try_message,
    .claim = "What one send sends, one recv receives.",
    .verdict = FACT_FALSE,
    .answer = "TCP is a stream of bytes without marks in it. A recv may return half a "
              "request, or three of them. The program must cut the stream itself: by a "
              "length in front, or by a mark at the end.",
    .question = "Why does recv return half a message, or two?",
    .reply = "TCP is a stream of bytes; it keeps no messages.",
    .documented = "tcp(7); RFC 9293, 2.2; recv(2)",
    .see = "[exhibit](museum/read-is-message.md), "
           "[rung 8](ladder/08-frames.c), [protocol](protocol.md)",
};

static void try_eagain(void)
{
    int c[2];
    ssize_t empty, later;
    int reason;

    make_connection(c);
    set_nonblocking(c[0]);
    empty = recv(c[0], &(char){ 0 }, 1, 0);
    reason = errno;
    say(c[1], "x");
    later = recv(c[0], &(char){ 0 }, 1, 0);
    promised(empty == -1 && reason == EAGAIN && later == 1,
             "nothing is there: recv returns %zd with %s; then a byte comes: it returns %zd",
             empty, reason == EAGAIN ? "EAGAIN" : strerror(reason), later);
    here(EAGAIN == EWOULDBLOCK, "EAGAIN and EWOULDBLOCK are the same number");
}

static const struct fact eagain = {
    .name = "sockets/eagain", .run = try_eagain,
    .claim = "recv has returned -1, so the connection is broken.",
    .verdict = FACT_DEPENDS,
    .answer = "on errno. EAGAIN says \"nothing now\" on a non-blocking socket, and EINTR "
              "says that a signal came: both are answers, not errors of the connection. Go "
              "back to the wait, or try again.",
    .question = "What is EAGAIN, and what do I do about it?",
    .reply = "\"Nothing now.\" Go back to the wait.",
    .documented = "recv(2), *ERRORS*; POSIX, *recv*",
    .see = "[rung 4](ladder/04-spin.c), "
           "[epoll_et_server](../epoll_et_server/README.md#what-the-kernel-gives-back)",
};

static void try_errno(void)
{
    int c[2];
    ssize_t n;
    int after;

    make_connection(c);
    set_nonblocking(c[0]);
    say(c[1], "x");
    errno = EAGAIN;             /* as a recv that found nothing would have left it */
    n = recv(c[0], &(char){ 0 }, 1, 0);
    after = errno;
    promised(n == 1 && after != 0, "recv returned %zd, and errno is %s0", n,
             after ? "not " : "");
    here(after == EAGAIN, "it is %s", after == EAGAIN ? "still EAGAIN" : strerror(after));
}

static const struct fact errno_stays = {
    .name = "sockets/errno", .run = try_errno,
    .claim = "After a call that worked, errno is 0.",
    .verdict = FACT_FALSE,
    .answer = "A call sets errno when it fails. After one that worked, errno is what an "
              "earlier call left there, or anything else. Look at it only after the call has "
              "returned -1, and before the next call.",
    .question = "When may I look at errno?",
    .reply = "Only after a call has returned -1.",
    .documented = "errno(3); POSIX, *errno*",
    .see = "[exhibit](museum/errno-first.md), "
           "[sockets/eagain](#socketseagain)",
};

static void try_inherit(void)
{
    int listener = make_listener(), plain, with_flag;

    make_client(listener);
    make_client(listener);
    await(listener, POLLIN);
    plain = MUST(accept(listener, NULL, NULL));
    await(listener, POLLIN);
    with_flag = MUST(accept4(listener, NULL, NULL, SOCK_NONBLOCK));
    promised(!(fcntl(plain, F_GETFL) & O_NONBLOCK),
             "the listener is non-blocking; the socket that accept returns is %s",
             fcntl(plain, F_GETFL) & O_NONBLOCK ? "non-blocking" : "blocking");
    promised(fcntl(with_flag, F_GETFL) & O_NONBLOCK,
             "the one that accept4 with SOCK_NONBLOCK returns is %s",
             fcntl(with_flag, F_GETFL) & O_NONBLOCK ? "non-blocking" : "blocking");
}

static const struct fact inherit = {
    .name = "sockets/nonblock", .run = try_inherit,
    .claim = "Accepted sockets inherit O_NONBLOCK from the listener.",
    .verdict = FACT_DEPENDS,
    .answer = "on the system. On Linux they do not; on the BSDs they do. A server written "
              "there freezes here with its first slow reader. Say it each time: accept4 with "
              "SOCK_NONBLOCK, or fcntl.",
    .question = "Do accepted sockets inherit O_NONBLOCK?",
    .reply = "Not on Linux; on the BSDs they do.",
    .documented = "accept(2): file status flags are not inherited",
    .see = "[exhibit](museum/blocking-send.md), "
           "[epoll_lt_server](../epoll_lt_server/README.md)",
    .met = "the log of a commit of FreeBSD's kernel says in what Linux differs from the BSDs "
           "and Solaris: "
           "<https://git.quacker.org/d/freebsd-nq/src/commit/a3146ff925a9cacccf24e6c7f47465710f91c70b/sys>.",
};

static int send_much(int fd)
{
    return send(fd, megabytes, sizeof megabytes, 0) < 0 ? -1 : 1;
}

static void try_writable(void)
{
    int c[2], d[2], asleep;
    struct pollfd entry;
    ssize_t n;

    make_connection(c);
    make_connection(d);
    entry = (struct pollfd){ .fd = c[0], .events = POLLOUT };
    MUST(poll(&entry, 1, 0));
    set_nonblocking(c[0]);
    n = send(c[0], megabytes, sizeof megabytes, 0);
    promised(entry.revents == POLLOUT && n > 0 && n < (ssize_t)sizeof megabytes,
             "poll said %s; a non-blocking send of 16 MiB took %s",
             bits((uint32_t)entry.revents),
             n < (ssize_t)sizeof megabytes ? "a part of them" : "all of them");
    here(n > 0, "it took %zd bytes", n);
    asleep = sleeps(waiter(send_much, d[0]));
    promised(asleep, "a blocking send of 16 MiB, and the peer does not read: it %s",
             asleep ? "sleeps" : "returns");
}

static const struct fact writable = {
    .name = "sockets/writable", .run = try_writable,
    .claim = "poll says OUT, so my send goes through.",
    .verdict = FACT_DEPENDS,
    .answer = "on its size and on O_NONBLOCK. OUT says that there is some room. A "
              "non-blocking send takes what fits and returns how much; the rest is the "
              "program's to keep. A blocking send of more sleeps, and with it everybody "
              "whom the loop serves.",
    .question = "What do I do when send takes only a part?",
    .reply = "Keep the rest, wait for OUT, send on.",
    .documented = "send(2); poll(2), *POLLOUT*",
    .see = "[exhibit](museum/short-write.md), "
           "[rung 9](ladder/09-replies.c), [lab 4](labs/04-write-interest.md), "
           "[architecture](architecture.md)",
};

static void try_connect(void)
{
    struct sockaddr_in name = { .sin_family = AF_INET };
    socklen_t len = sizeof name, size = sizeof(int);
    int taken = MUST(socket(AF_INET, SOCK_STREAM, 0)), error = 0, n;
    int fd = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));

    /* A port that is bound, where nobody listens. */
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MUST(bind(taken, (struct sockaddr *)&name, len));
    MUST(getsockname(taken, (struct sockaddr *)&name, &len));
    n = connect(fd, (struct sockaddr *)&name, len);
    promised(n == -1 && (errno == EINPROGRESS || errno == ECONNREFUSED),
             "a non-blocking connect returns %d at once", n);
    await(fd, POLLOUT);
    MUST(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    promised(error == ECONNREFUSED, "poll reports OUT; SO_ERROR is %s",
             error == ECONNREFUSED ? "ECONNREFUSED" : strerror(error));
}

static const struct fact connected = {
    .name = "sockets/connect", .run = try_connect,
    .claim = "A connecting socket that has become writable is connected.",
    .verdict = FACT_DEPENDS,
    .answer = "on SO_ERROR. Writable says that the attempt has ended, well or badly. "
              "getsockopt with SO_ERROR tells which: 0, or the error.",
    .documented = "connect(2), *EINPROGRESS*",
    .see = "[protocol](protocol.md)",
};

static void try_backlog(void)
{
    int listener = make_listener(), accepted = 0;

    MUST(listen(listener, 1));
    for (int i = 0; i < 10; i++) {
        make_client(listener);
        await(listener, POLLIN);
        accepted += accept(listener, NULL, NULL) >= 0;
    }
    promised(accepted == 10,
             "backlog 1, and each client is accepted at once: %d clients are connected",
             accepted);
}

static const struct fact backlog = {
    .name = "sockets/backlog", .run = try_backlog,
    .claim = "The backlog of listen is the largest number of clients.",
    .verdict = FACT_FALSE,
    .answer = "The backlog bounds only those that are connected and not yet accepted. A "
              "server that accepts has as many clients as it has descriptors. The kernel "
              "takes at most /proc/sys/net/core/somaxconn.",
    .question = "What is the backlog of listen?",
    .reply = "The number of clients that wait to be accepted.",
    .documented = "listen(2), *NOTES*",
    .see = "[protocol](protocol.md)",
};

static void try_defer(void)
{
    int listener = make_listener(), plain = make_listener(), seconds = 10, client, before;
    struct pollfd entry = { .fd = listener, .events = POLLIN };

    MUST(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds));
    client = make_client(listener);
    make_client(plain);
    await(plain, POLLIN);
    before = poll(&entry, 1, 0);
    promised(before == 0, "connected, silent: an ordinary listener is readable; with "
             "TCP_DEFER_ACCEPT poll returns %d", before);
    say(client, "x");
    await(listener, POLLIN);
    promised(accept(listener, NULL, NULL) >= 0, "a byte has come: it is readable, and accept "
             "returns the client");
}

static const struct fact defer = {
    .name = "sockets/defer-accept", .run = try_defer,
    .claim = "A client that has connected makes the listener readable.",
    .verdict = FACT_DEPENDS,
    .answer = "on TCP_DEFER_ACCEPT. With it the server is woken once, when the first data is "
              "there, and silent clients cost it no descriptor (until the time given is "
              "over). Without it the client is reported as soon as it is connected. It does "
              "not suit a protocol where the server speaks first.",
    .documented = "tcp(7), *TCP_DEFER_ACCEPT*",
    .see = "[protocol](protocol.md)",
};

static const struct fact *const facts[] = {
    &message, &eagain, &errno_stays, &inherit, &writable, &connected, &backlog, &defer, NULL,
};

const struct theme theme_sockets = { "sockets", "sockets", facts };
