/* How connections end, and who is told. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *outcome(ssize_t n)
{
    static char texts[4][32];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    snprintf(text, sizeof *texts, "%zd", n);
    return n >= 0               ? text
           : errno == EAGAIN    ? "EAGAIN"
           : errno == ECONNRESET ? "ECONNRESET"
           : errno == EPIPE     ? "EPIPE"
                                : "another error";
}

static void try_fin(void)
{
    int c[2];
    uint32_t peer_closed, both_closed;
    int epoll = make_epoll();
    ssize_t n;

    make_connection(c);
    MUST(close(c[1]));
    await(c[0], POLLIN | POLLRDHUP);
    watch(epoll, c[0], EPOLLIN | EPOLLRDHUP);
    peer_closed = told(epoll, 0);
    n = recv(c[0], &(char){ 0 }, 1, 0);
    promised((peer_closed & EPOLLRDHUP) && (peer_closed & EPOLLIN) && n == 0,
             "the peer has closed: %s are reported, and recv returns %zd",
             bits(peer_closed & (EPOLLIN | EPOLLRDHUP)), n);
    here(!(peer_closed & EPOLLHUP), "HUP is %s",
         peer_closed & EPOLLHUP ? "reported, too" : "not");
    MUST(shutdown(c[0], SHUT_WR));
    both_closed = told(epoll, 0);
    here(both_closed & EPOLLHUP, "shut down from here, too: %s", bits(both_closed));
}

static const struct fact fin = {
    .name = "closing/fin", .run = try_fin,
    .claim = "When the client closes, epoll reports EPOLLHUP.",
    .verdict = FACT_FALSE,
    .answer = "A FIN is the end of one direction: the socket becomes readable, recv returns "
              "0, and RDHUP is reported to those who asked for it. HUP comes when both "
              "directions have ended. A server that waits for HUP alone keeps its dead "
              "clients.",
    .question = "Does a closed connection come as EPOLLHUP?",
    .reply = "No: as IN, with recv returning 0, and as RDHUP.",
    .documented = "epoll_ctl(2), *EPOLLRDHUP*; recv(2)",
    .see = "[exhibit](museum/fin-unseen.md), "
           "[poll_server](../poll_server/README.md#what-the-kernel-gives-back)",
    .taught = "epoll_ctl(2) itself says of EPOLLHUP that it means that the peer has closed "
              "its end; so it is with a pipe, but not with TCP.",
};

static void try_rdhup(void)
{
    int c[2], epoll = make_epoll();
    char text[16];
    uint32_t events;
    ssize_t sent, got;

    make_connection(c);
    MUST(shutdown(c[1], SHUT_WR));
    await(c[0], POLLIN | POLLRDHUP);
    watch(epoll, c[0], EPOLLIN | EPOLLRDHUP);
    events = told(epoll, 0);
    sent = send(c[0], "reply", 5, MSG_NOSIGNAL);
    await(c[1], POLLIN);
    got = recv(c[1], text, sizeof text, 0);
    promised((events & EPOLLRDHUP) && sent == 5 && got == 5,
             "%s; a reply of %zd bytes is sent after that, and the client receives %zd",
             bits(events), sent, got);
}

static const struct fact rdhup = {
    .name = "closing/rdhup", .run = try_rdhup,
    .claim = "EPOLLRDHUP means that the client is gone: close at once.",
    .verdict = FACT_FALSE,
    .answer = "EPOLLRDHUP means that the client sends no more. A client that has asked its "
              "last question (shutdown, or `echo ... | nc`) still waits for the replies. "
              "Read until 0, answer, send all of it, then close.",
    .question = "What does EPOLLRDHUP mean?",
    .reply = "The client sends no more. It may still read.",
    .documented = "epoll_ctl(2), *EPOLLRDHUP*; shutdown(2); RFC 9293, 3.6",
    .see = "[exhibit](museum/rdhup-is-gone.md), "
           "[protocol](protocol.md)",
    .taught = "<https://geek-questions.imtqy.com/articles/944672/index.html> advises to "
              "close at once without reading; the answer kept at "
              "<https://devpeace.com/linux/6437879/how-do-i-use-epollhup> takes RDHUP for "
              "the time to close.",
};

static void try_data_before_reset(void)
{
    int c[2];
    char text[16];
    ssize_t first, second;
    int reason;

    make_connection(c);
    say(c[1], "hello");
    give_up(c[1]);
    await(c[0], POLLERR);
    first = recv(c[0], text, sizeof text, 0);
    second = recv(c[0], text, sizeof text, 0);
    reason = errno;
    here(first == 5 && second == -1 && reason == ECONNRESET,
         "5 bytes, then a reset: the recvs return %zd and %s", first, outcome(second));
}

static const struct fact data_before_reset = {
    .name = "closing/data-before-reset", .run = try_data_before_reset,
    .claim = "After a reset, what had come before it is lost.",
    .verdict = FACT_DEPENDS,
    .answer = "on the system. RFC 9293 lets a receiver throw away what it has not read. "
              "Linux keeps it: recv returns the data first and the error then. So ERR does "
              "not say that there is nothing to read. But nothing of it can be answered.",
    .documented = "RFC 9293, 3.10.7.4: on RST, queues should be flushed",
    .see = "[architecture](architecture.md#what-must-hold)",
};

static void try_unread(void)
{
    int c[2];
    char text[16];
    ssize_t n;

    make_connection(c);
    say(c[1], "a request and more");
    recv(c[0], text, 9, 0);             /* the rest stays unread */
    MUST(close(c[0]));
    await(c[1], POLLERR);
    n = recv(c[1], text, sizeof text, 0);
    here(n == -1 && errno == ECONNRESET,
         "closed with 9 bytes unread: the client's recv returns %s instead of 0", outcome(n));
}

static const struct fact unread = {
    .name = "closing/unread", .run = try_unread,
    .claim = "close sends what is left, and then a FIN.",
    .verdict = FACT_DEPENDS,
    .answer = "on what the server has not read. With unread bytes in the socket, Linux sends "
              "a reset, and the reset may overtake the last reply: the client sees "
              "\"connection reset\" instead of an answer. Shut down the sending side, read "
              "until 0, then close.",
    .question = "Why does my client get \"connection reset by peer\" instead of the reply?",
    .reply = "The server closed with bytes unread.",
    .documented = "RFC 9293, 3.6.1; RFC 2525, 2.17",
    .see = "[exhibit](museum/lost-at-close.md), "
           "[protocol](protocol.md)",
    .met = "dotnet/runtime, issue 57186, where the two sides' kernels are compared.",
};

static void try_gone(void)
{
    int c[2];
    ssize_t first, second;

    make_connection(c);
    MUST(close(c[1]));
    await(c[0], POLLIN | POLLRDHUP);
    first = send(c[0], "x", 1, MSG_NOSIGNAL);
    await(c[0], POLLERR);               /* the answer to it: a reset */
    second = send(c[0], "x", 1, MSG_NOSIGNAL);
    promised(first == 1 && second == -1 && errno == EPIPE,
             "the peer has closed: the first send returns %s, the next one %s",
             outcome(first), outcome(second));
}

static const struct fact gone = {
    .name = "closing/gone", .run = try_gone,
    .claim = "send fails when the client is gone.",
    .verdict = FACT_DEPENDS,
    .answer = "on whether this side knows it yet. send puts bytes into the kernel's buffer; "
              "that it returned 5 does not say that they have arrived. The first send after "
              "the peer's close succeeds and is answered by a reset; the next one fails.",
    .documented = "send(2); RFC 9293, 3.10.7",
    .see = "[closing/sigpipe](#closingsigpipe)",
};

static int death_by_send(int fd)
{
    int status;
    pid_t child;

    fflush(stdout);
    if ((child = MUST(fork())) == 0) {
        send(fd, "x", 1, 0);
        _exit(0);
    }
    MUST(waitpid(child, &status, 0));
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void try_sigpipe(void)
{
    int pair[2], killed_by;
    ssize_t n;

    signal(SIGPIPE, SIG_DFL);       /* tests begin with SIG_IGN (check.h) */
    make_pair(pair);
    MUST(close(pair[1]));
    killed_by = death_by_send(pair[0]);
    promised(killed_by == SIGPIPE,
             "send to a peer that has closed: the process is ended by %s",
             killed_by == SIGPIPE ? "SIGPIPE" : "nothing");
    n = send(pair[0], "x", 1, MSG_NOSIGNAL);
    promised(n == -1 && errno == EPIPE, "with MSG_NOSIGNAL: %s", outcome(n));
}

static const struct fact sigpipe = {
    .name = "closing/sigpipe", .run = try_sigpipe,
    .claim = "A client that leaves can only end its own connection.",
    .verdict = FACT_DEPENDS,
    .answer = "on SIGPIPE. By default a send to a peer that is gone ends the whole process, "
              "without a word. Ignore the signal, or send with MSG_NOSIGNAL; then send "
              "returns -1 with EPIPE.",
    .question = "Why does my server die without a message when a client leaves?",
    .reply = "SIGPIPE.",
    .documented = "send(2), *EPIPE*, *MSG_NOSIGNAL*; signal(7)",
    .see = "[exhibit](museum/sigpipe.md), "
           "[architecture](architecture.md)",
    .met = "cpp-httplib, issue 77; mangband, issue 552; NTU-SP/SP-Hw1-release, issue 45 (a "
           "course: the students were told that they need not care).",
};

static void try_dup(void)
{
    int c[2], copy;
    ssize_t before, after;
    int reason;

    make_connection(c);
    set_nonblocking(c[1]);
    copy = MUST(dup(c[0]));
    MUST(close(c[0]));
    before = recv(c[1], &(char){ 0 }, 1, 0);
    reason = errno;
    MUST(shutdown(copy, SHUT_WR));
    await(c[1], POLLIN);
    after = recv(c[1], &(char){ 0 }, 1, 0);
    errno = reason;
    promised(before == -1 && reason == EAGAIN && after == 0,
             "closed, but a dup is open: the client's recv returns %s; after shutdown: %s",
             outcome(before), outcome(after));
}

static const struct fact dup_closed = {
    .name = "closing/dup", .run = try_dup,
    .claim = "close ends the connection.",
    .verdict = FACT_DEPENDS,
    .answer = "on whether it was the last descriptor. A copy (dup, or a child that inherited "
              "it) keeps the connection, and no FIN is sent: the client waits for ever. "
              "shutdown concerns the connection itself, however many descriptors there are.",
    .question = "What is the difference between close and shutdown?",
    .reply = "shutdown ends the connection; close ends one descriptor of it.",
    .documented = "close(2), shutdown(2)",
    .see = "[epoll/close](#epollclose)",
};

struct sleeper {
    struct pollfd entry;
    int told[2];
    int n;
};

static void *sleep_in_poll(void *argument)
{
    struct sleeper *s = argument;
    int tid = (int)syscall(SYS_gettid);

    MUST((int)write(s->told[1], &tid, sizeof tid));
    s->n = poll(&s->entry, 1, -1);
    return NULL;
}

static void try_other_thread(void)
{
    struct sleeper s = { .entry = { .events = POLLIN } };
    int p[2], tid = 0, stays;
    pthread_t thread;

    make_pipe(p);
    MUST(pipe(s.told));
    s.entry.fd = p[0];
    MUST(-pthread_create(&thread, NULL, sleep_in_poll, &s));
    MUST((int)read(s.told[0], &tid, sizeof tid));
    stays = sleeps(tid);
    MUST(close(p[0]));
    stays = stays && sleeps(tid);
    here(stays, "a thread waits in poll, another one closes the descriptor: the first %s",
         stays ? "sleeps on" : "returns");
    MUST((int)write(p[1], "x", 1));
    MUST(-pthread_join(thread, NULL));
    here(s.n == 1, "data comes: poll returns %d with %s", s.n,
         bits((uint32_t)s.entry.revents));
}

static const struct fact other_thread = {
    .name = "closing/other-thread", .run = try_other_thread,
    .claim = "Closing a descriptor wakes the thread that waits for it.",
    .verdict = FACT_FALSE,
    .answer = "It does not on Linux; the man page calls any reliance on it a bug. Meanwhile "
              "the number may be given to another file. Wake the thread first (a byte in a "
              "pipe, an eventfd, shutdown of the socket), then let it close.",
    .documented = "select(2), *Multithreaded applications*: unspecified",
    .see = "[several/add](#severaladd)",
};

static const struct fact *const facts[] = {
    &fin, &rdhup, &data_before_reset, &unread, &gone, &sigpipe, &dup_closed,
    &other_thread, NULL,
};

const struct theme theme_closing = { "closing", "closing", facts };
