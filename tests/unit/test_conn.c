/* Do the steps of a connection do what conn.h says, with every answer of the kernel,
 * and with errors that end it and nothing else?
 *
 * The socket is a fake, so each test says what the kernel answers; the last one uses a
 * real pair of sockets.  How a connection ends, and its clocks: test_conn_life.c.
 */
#define _GNU_SOURCE
#include "../../common/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/net.h"
#include "fake.h"
#include "unit.h"

static struct loop loop;
static struct options options;

static struct conn *open_calc(void)
{
    return fake_open(&loop, &options, SERVICE_CALC);
}

static void answers(struct test *t)
{
    struct conn *c = open_calc();

    fake_check_asks(t, c, "read");
    fake_say(FAKE_SUM FAKE_SUM "\n9@10");
    test_check(t, conn_fill(c, &loop) == IO_PART, "not short");
    conn_serve(c, &loop);
    test_check(t, conn_flush(c, &loop) == IO_ALL, "not all sent");
    conn_settle(c, &loop);
    fake_check_sent(t, FAKE_REPLY FAKE_REPLY "\r\n");
    fake_check_asks(t, c, "read");
    fake_say(FAKE_SUM FAKE_SUM "\n" FAKE_SUM);
    fake_turn(c, &loop);
    fake_check_sent(t, FAKE_REPLY FAKE_REPLY "\r\n" FAKE_REPLY);
    test_check(t, loop.ledger.requests == 3 && loop.ledger.bytes_in == fake.taken
                  && loop.ledger.bytes_out == fake.sent_size && loop.ledger.read_calls == 2
                  && loop.ledger.write_calls == 2 && loop.ledger.would_block == 0,
               "the ledger says otherwise");
    test_check(t, c->in.data == NULL && c->out.data == NULL, "it holds memory");
    conn_close(c, &loop);
    test_check(t, fake.closed && loop.ledger.now == 0, "not closed");
}

static void named_outcomes(struct test *t)
{
    struct conn *c = open_calc();

    test_check(t, conn_fill(c, &loop) == IO_AGAIN && loop.ledger.would_block == 1,
               "nothing was there");
    loop.read_size = 5;
    fake_say(FAKE_SUM);
    fake.interrupts = 3;
    test_check(t, conn_fill(c, &loop) == IO_ALL && fake.taken == 5, "what it asked for");
    test_check(t, loop.ledger.read_calls == 5, "EINTR is a call, too");
    loop.read_size = 100;
    test_check(t, conn_fill(c, &loop) == IO_PART, "less than asked for");
    conn_serve(c, &loop);
    fake.room = 4;
    fake.interrupts = 2;
    test_check(t, conn_flush(c, &loop) == IO_PART, "the socket took a part");
    test_check(t, conn_flush(c, &loop) == IO_AGAIN && loop.ledger.would_block == 2,
               "the socket took nothing");
    fake.room = 100;
    test_check(t, conn_flush(c, &loop) == IO_ALL, "all is sent");
    fake_check_sent(t, FAKE_REPLY);
    fake.fin = true;
    test_check(t, conn_fill(c, &loop) == IO_END && c->state == CONN_ENDING, "the peer's FIN");
    conn_settle(c, &loop);
    conn_close(c, &loop);
}

/* No more than a buffer has room for, however large a read is allowed. */
static void read_ends_with_the_buffer(struct test *t)
{
    static char zeros[200000];
    struct conn *c = fake_open(&loop, &options, SERVICE_ECHO);

    loop.read_size = 65536;
    fake_arrive(zeros, sizeof zeros);
    test_check(t, conn_fill(c, &loop) == IO_ALL && fake.taken == BUFFER_IN,
               "%zu bytes were read", fake.taken);
    conn_settle(c, &loop);
    conn_close(c, &loop);
}

static void errors_end_it(struct test *t)
{
    static const int errors[] = { ECONNRESET, EPIPE, ETIMEDOUT, ENOMEM, EBADF };

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct conn *c = open_calc();

        fake.recv_errno = errors[i];
        test_check(t, conn_fill(c, &loop) == IO_ERROR, "errno %d", errors[i]);
        conn_serve(c, &loop);
        test_check(t, conn_flush(c, &loop) == IO_ERROR, "flush after an error");
        conn_settle(c, &loop);
        fake_check_asks(t, c, "over");
        conn_close(c, &loop);
        test_check(t, loop.ledger.resets == 1, "not counted as a reset");

        c = open_calc();
        fake_say(FAKE_SUM);
        fake.send_errno = errors[i];
        fake_turn(c, &loop);
        fake_check_asks(t, c, "over");
        conn_close(c, &loop);
        test_check(t, loop.ledger.resets == 1, "not counted as a reset");
    }
}

/* A frame's beginning, replies that wait: memory of their own may be refused. */
static void no_memory_ends_it(struct test *t)
{
    struct conn *c = open_calc();

    fake.no_memory = true;
    fake_say("9@10");
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake.no_memory = false;
    conn_close(c, &loop);

    c = open_calc();
    fake.no_memory = true;
    fake_say(FAKE_SUM);
    fake.room = 3;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake.no_memory = false;
    conn_close(c, &loop);
    test_check(t, loop.ledger.resets == 1, "not counted as a reset");

    open_calc();
    conn_close(conn_next(&loop, NULL), &loop);
    fake.closed = false;
    fake.no_memory = true;
    test_check(t, conn_open(&loop, FAKE_FD) == NULL && fake.closed,
               "no memory for the client, and its descriptor is open");
    fake.no_memory = false;
}

/* While replies wait nothing is read; and every reply comes, in order. */
static void backpressure(struct test *t)
{
    static char sums[12 * 4000 + 1], want[9 * 4000];
    struct conn *c = open_calc();

    for (int i = 0; i < 4000; i++) {
        memcpy(sums + 12 * i, FAKE_SUM, 12);
        memcpy(want + 9 * i, FAKE_REPLY, 9);
    }
    fake_arrive(sums, sizeof sums - 1);
    fake.room = 5;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "write");
    test_check(t, fake.taken == 16384 && c->out.end == 1365 * 9 - 5,
               "%zu bytes read, %u bytes kept", fake.taken, (unsigned)c->out.end);
    fake_turn(c, &loop);
    test_check(t, fake.taken == 16384, "it was read from");
    fake.room = SIZE_MAX;
    while (conn_wants_write(c) || fake_readable())
        fake_turn(c, &loop);
    test_bytes(t, "replies", want, sizeof want, fake.sent, fake.sent_size);
    conn_close(c, &loop);
}

/* Requests so short that their replies do not fit behind one another. */
static void crowded(struct test *t)
{
    static char lines[20000], want[40000];
    struct conn *c = open_calc();

    loop.read_size = 20000;
    memset(lines, '\n', sizeof lines);
    for (int i = 0; i < 40000; i += 2)
        memcpy(want + i, "\r\n", 2);
    fake_arrive(lines, sizeof lines);
    fake.fin = true;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "write");
    test_check(t, c->progress == SERVICE_NO_ROOM && c->in.data != loop.work.in,
               "its input was not kept");
    while (!conn_finished(c))
        fake_turn(c, &loop);
    test_bytes(t, "line ends", want, sizeof want, fake.sent, fake.sent_size);
    test_check(t, c->cause == CONN_BY_PEER, "cause %d", c->cause);
    conn_close(c, &loop);
}

static void refusals(struct test *t)
{
    static const char *const said[] = {
        [SERVICE_CALC] = "3@0 6@", [SERVICE_ECHO] = "",
        [SERVICE_HTTP] = "HTTP/1.1 503 Service Unavailable\r\n"
                         "Content-Type: text/plain\r\nContent-Length: 0\r\n"
                         "Cache-Control: no-store\r\n"
                         "Connection: close\r\n\r\n"
    };

    for (int service = SERVICE_CALC; service <= SERVICE_HTTP; service++) {
        conn_close(fake_open(&loop, &options, (enum service)service), &loop);
        fake.closed = false;
        fake_say(FAKE_SUM);
        conn_refuse(&loop, FAKE_FD);
        fake_check_sent(t, said[service]);
        test_check(t, fake.closed && fake.taken == 12 && loop.ledger.refused == 1
                      && loop.ledger.accepted == 1 && loop.ledger.bytes_in == 12,
                   "not read, not closed or not counted");

        fake.closed = false;            /* silent, with no room; broken */
        fake.room = 0;
        conn_refuse(&loop, FAKE_FD);
        test_check(t, fake.closed && loop.ledger.would_block >= 1, "not closed");
        fake.closed = false;
        fake.recv_errno = ECONNRESET;
        conn_refuse(&loop, FAKE_FD);
        test_check(t, fake.closed && loop.ledger.refused == 3, "not closed");
    }
}

/* A descriptor becomes free: a pause of accepting is over. */
static void close_ends_the_pause(struct test *t)
{
    struct conn *c = open_calc();

    clock_set_alarm(&loop.clock, CLOCK_ACCEPT_PAUSE, 1000);
    conn_close(c, &loop);
    test_check(t, !clock_alarm_pending(&loop.clock, CLOCK_ACCEPT_PAUSE), "it is still paused");
    test_check(t, clock_walk(&loop.clock, NULL) == NULL, "its timer is still in a queue");
}

static void leaves_the_ready_list(struct test *t)
{
    struct conn *c = open_calc();
    struct link ready;

    link_init(&ready);
    link_append(&ready, &c->ready);
    test_check(t, conn_of_ready(ready.next) == c, "another connection");
    conn_close(c, &loop);
    test_check(t, link_alone(&ready), "it is still on the ready list");
}

static void over_real_sockets(struct test *t)
{
    struct conn *c = open_calc();
    char reply[64];
    int ends[2];
    ssize_t n;

    conn_close(c, &loop);
    test_check(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0,
               "no sockets: %s", strerror(errno));
    c = conn_open(&loop, ends[0]);
    test_check(t, write(ends[1], FAKE_SUM "9@1", 15) == 15, "write");
    fake_turn(c, &loop);
    n = read(ends[1], reply, sizeof reply);
    test_bytes(t, "reply", FAKE_REPLY, 9, reply, n > 0 ? (size_t)n : 0);
    conn_stop(c);
    test_check(t, write(ends[1], FAKE_SUM, 12) == 12, "write");
    fake_turn(c, &loop);
    n = read(ends[1], reply, sizeof reply);
    test_check(t, n == 0, "after the stop: %zd bytes, not our FIN", n);
    fake_turn(c, &loop);
    fake_check_asks(t, c, "read");
    test_check(t, shutdown(ends[1], SHUT_WR) == 0, "shutdown");
    while (conn_wants_read(c))
        fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    conn_close(c, &loop);
    test_check(t, read(ends[1], reply, sizeof reply) == 0, "not closed, or by a reset");
    close(ends[1]);
    fake_free();
}

/* Two ends of a TCP connection; ends[0] is the server's. */
static void tcp_pair(struct test *t, int ends[2])
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    const char *reason = "";
    int listener = net_listen("127.0.0.1", "0", 0, 0, &reason);

    test_check(t, listener >= 0, "cannot listen: %s", reason);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    test_check(t, getsockname(listener, (struct sockaddr *)&name, &size) == 0
                  && connect(ends[1], (struct sockaddr *)&name, size) == 0,
               "cannot connect: %s", strerror(errno));
    ends[0] = accept(listener, NULL, NULL);
    test_check(t, ends[0] >= 0, "cannot accept: %s", strerror(errno));
    close(listener);
}

/* What is read after the stop: all that came before it, the urgent byte not counted. */
static void stop_behind_urgent_data(struct test *t)
{
    for (size_t mark = 0; mark <= 24; mark += 12) {
        struct conn *c = open_calc();
        int ends[2];

        conn_close(c, &loop);
        tcp_pair(t, ends);
        c = conn_open(&loop, ends[0]);
        test_check(t, send(ends[1], FAKE_SUM FAKE_SUM, mark, 0) == (ssize_t)mark, "send");
        test_check(t, send(ends[1], "!", 1, MSG_OOB) == 1, "urgent");
        test_check(t, send(ends[1], FAKE_SUM FAKE_SUM, 24 - mark, 0) == 24 - (ssize_t)mark,
                   "send");
        conn_stop(c);
        test_check(t, c->read_left == 24, "mark at %zu: %u bytes, not 24", mark,
                   c->read_left);
        conn_close(c, &loop);
        close(ends[1]);
        fake_free();
    }
}

int main(void)
{
    static const struct test_case cases[] = {
        { "answers", answers },
        { "named_outcomes", named_outcomes },
        { "read_ends_with_the_buffer", read_ends_with_the_buffer },
        { "errors_end_it", errors_end_it },
        { "no_memory_ends_it", no_memory_ends_it },
        { "backpressure", backpressure },
        { "crowded", crowded },
        { "refusals", refusals },
        { "close_ends_the_pause", close_ends_the_pause },
        { "leaves_the_ready_list", leaves_the_ready_list },
        { "over_real_sockets", over_real_sockets },
        { "stop_behind_urgent_data", stop_behind_urgent_data },
        { NULL, NULL }
    };

    return test_main("conn", cases);
}
