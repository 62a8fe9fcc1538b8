/* Does a connection live as docs/protocol.md says: open, ending, farewell, over, with
 * one clock at a time?
 */
#define _GNU_SOURCE
#include "../../common/conn.h"

#include <errno.h>

#include <stdlib.h>

#include "fake.h"
#include "unit.h"

static struct loop loop;
static struct options options;

static struct conn *open_calc(void)
{
    return fake_open(&loop, &options, SERVICE_CALC);
}

static void check_clock(struct test *t, const struct conn *c, enum clock_kind kind,
                        int64_t due)
{
    test_check(t, c->timer.kind == kind && c->timer.due == due,
               "expected clock %d due at %lld, came %d at %lld", (int)kind,
               (long long)due, (int)c->timer.kind, (long long)c->timer.due);
}

static void half_close(struct test *t)
{
    struct conn *c = open_calc();

    fake_say(FAKE_SUM FAKE_SUM);
    fake.fin = true;
    fake.room = 3;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "write");          /* the FIN is still unread */
    fake.room = SIZE_MAX;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "read");
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake_check_sent(t, FAKE_REPLY FAKE_REPLY);
    conn_close(c, &loop);
    test_check(t, loop.ledger.closed_by_peer == 1 && !fake.reset, "not by the peer");

    c = open_calc();                    /* inside a frame: status 5 */
    fake_say(FAKE_SUM "9@10 +");
    fake.fin = true;
    fake_turn(c, &loop);
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake_check_sent(t, FAKE_REPLY "3@0 5@");
    test_check(t, loop.ledger.bad_frames == 1, "not counted");
    conn_close(c, &loop);
}

static void farewell(struct test *t)
{
    struct conn *c = open_calc();

    fake_say(FAKE_SUM "x" FAKE_SUM);
    fake_turn(c, &loop);
    fake_check_sent(t, FAKE_REPLY "3@0 5@");
    test_check(t, fake.fin_sent && !fake.closed, "no FIN");
    fake_check_asks(t, c, "read");
    check_clock(t, c, CLOCK_LEAVING, 1002);
    fake_say(FAKE_SUM "x" FAKE_SUM FAKE_SUM FAKE_SUM);
    fake_turn(c, &loop);
    test_check(t, fake.taken == fake.arrived && loop.ledger.requests == 1, "it is kept");
    check_clock(t, c, CLOCK_LEAVING, 1002);
    fake.fin = true;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake_check_sent(t, FAKE_REPLY "3@0 5@");
    conn_close(c, &loop);
    test_check(t, loop.ledger.closed_by_server == 1 && !fake.reset, "not by us");
}

/* The FIN comes behind the replies, however long they take; meanwhile we read on. */
static void farewell_waits_for_replies(struct test *t)
{
    struct conn *c = open_calc();

    fake_say(FAKE_SUM "x");
    fake.room = 4;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "both");
    check_clock(t, c, CLOCK_QUIET, 1600);
    fake_say(FAKE_SUM "xyz");
    fake_turn(c, &loop);
    test_check(t, fake.taken == fake.arrived && !fake.fin_sent, "unread, or FIN early");
    fake.room = SIZE_MAX;
    fake_turn(c, &loop);
    test_check(t, fake.fin_sent, "no FIN");
    fake_check_sent(t, FAKE_REPLY "3@0 5@");
    conn_close(c, &loop);

    c = open_calc();
    fake_say("x");
    fake.shutdown_errno = ENOTCONN;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    conn_close(c, &loop);
    test_check(t, loop.ledger.resets == 1, "shutdown failed, and it was no reset");
}

/* Told to stop: what had arrived is answered, nothing after it; then the farewell. */
static void stop(struct test *t)
{
    struct conn *c = open_calc();

    conn_stop(c);                       /* nothing there: our FIN is due */
    fake_check_asks(t, c, "write");
    fake_turn(c, &loop);
    test_check(t, fake.fin_sent, "no FIN");
    fake_check_asks(t, c, "read");
    fake_say(FAKE_SUM);                        /* too late */
    fake_turn(c, &loop);
    test_check(t, !conn_finished(c) && fake.taken == fake.arrived,
               "taken for the peer's FIN, or left unread");
    fake.fin = true;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "over");
    fake_check_sent(t, "");
    conn_close(c, &loop);
    test_check(t, !fake.reset, "RST");

    c = open_calc();
    fake_say("9@10");
    fake_turn(c, &loop);
    fake_say(FAKE_SUM FAKE_SUM "9@10 + ");
    conn_stop(c);
    fake_check_asks(t, c, "read");
    fake_say(FAKE_SUM FAKE_SUM "9@10 + 1234@" FAKE_SUM);
    fake_turn(c, &loop);
    test_check(t, fake.fin_sent && fake.taken == 2 * 12 + 7, "%zu bytes", fake.taken);
    fake_check_sent(t, FAKE_REPLY FAKE_REPLY);    /* the unfinished one is dropped */
    fake_turn(c, &loop);
    test_check(t, !conn_finished(c), "over before the peer's FIN");
    conn_close(c, &loop);

    c = open_calc();                    /* already in its farewell */
    fake_say("x");
    fake_turn(c, &loop);
    conn_stop(c);
    fake_say("xyz");
    fake_turn(c, &loop);
    test_check(t, !conn_finished(c) && fake.taken == 3, "over before the peer's FIN");
    conn_close(c, &loop);

    c = open_calc();                    /* who does not say what is there has nothing */
    fake.ioctl_errno = EINVAL;
    conn_stop(c);
    fake_check_asks(t, c, "write");
    conn_close(c, &loop);
    test_check(t, loop.ledger.closed_by_server == 1, "a server that stops closes");
}

static void stop_with_replies_owed(struct test *t)
{
    struct conn *c = open_calc();

    fake_say(FAKE_SUM FAKE_SUM);
    fake.room = 2;
    fake_turn(c, &loop);
    conn_stop(c);
    fake_check_asks(t, c, "write");
    fake_turn(c, &loop);
    test_check(t, !fake.fin_sent, "FIN before the replies");
    fake.room = SIZE_MAX;
    while (conn_wants_write(c))
        fake_turn(c, &loop);
    fake_check_sent(t, FAKE_REPLY FAKE_REPLY);
    test_check(t, fake.fin_sent, "no FIN");
    conn_close(c, &loop);
}

static void clocks(struct test *t)
{
    struct conn *c = open_calc();

    check_clock(t, c, CLOCK_QUIET, 1600);
    loop.clock.now = 1100;
    fake_say(" ");                        /* activity, not a request */
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_QUIET, 1700);
    loop.clock.now = 1200;
    fake_turn(c, &loop);                  /* nothing moved */
    check_clock(t, c, CLOCK_QUIET, 1700);
    fake_say(" 9");
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_REQUEST, 1230);
    loop.clock.now = 1210;
    fake_say(" 9@10 + ");                 /* a drip does not put it off */
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_REQUEST, 1230);
    fake_say(" " FAKE_SUM "9@");               /* a new request does */
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_REQUEST, 1240);
    loop.clock.now = 1220;
    fake_say(" " FAKE_SUM FAKE_SUM "9");
    fake.room = 2;
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_QUIET, 1820);
    loop.clock.now = 1300;
    fake.room = 2;                      /* output moves */
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_QUIET, 1900);
    loop.clock.now = 1310;
    fake.room = SIZE_MAX;
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_REQUEST, 1340);
    fake_say(" " FAKE_SUM FAKE_SUM FAKE_SUM);
    loop.clock.now = 1320;
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_QUIET, 1920);
    conn_close(c, &loop);
}

/* Its clock has expired: is it given up now, or does it get a turn more? */
static bool given_up(struct conn *c)
{
    if (conn_expire_next(&loop) != c)
        abort();
    return conn_finished(c);
}

/* The first time that its clock expires, a client is read once more. */
static void expiry(struct test *t)
{
    struct conn *c = open_calc();

    loop.clock.now = 1600;
    test_check(t, !given_up(c), "given up unread");
    fake_turn(c, &loop);
    test_check(t, given_up(c), "not given up");
    fake_check_asks(t, c, "over");
    conn_close(c, &loop);
    test_check(t, loop.ledger.timed_out == 1, "not counted as timed out");

    c = open_calc();                    /* it had spoken in time */
    loop.clock.now = 1600;
    fake_say(FAKE_SUM);
    test_check(t, !given_up(c), "given up unread");
    fake_turn(c, &loop);
    check_clock(t, c, CLOCK_QUIET, 2200);
    test_check(t, conn_expire_next(&loop) == NULL, "its clock has not expired");
    loop.clock.now = 2200;
    test_check(t, !given_up(c), "the next time is a first time again");
    conn_close(c, &loop);

    c = open_calc();                    /* and has still more to be read */
    loop.read_size = 4;
    fake_say("0001@");
    loop.clock.now = 1600;
    fake_arrive("4000@xxxxxxxxxxxx", 4);
    test_check(t, !given_up(c), "given up unread");
    fake_turn(c, &loop);
    loop.clock.now = 1630;
    fake_arrive(fake.incoming, 8);
    test_check(t, !given_up(c), "given up unread");
    fake_turn(c, &loop);
    test_check(t, !given_up(c), "given up while bytes keep coming");
    fake_turn(c, &loop);
    test_check(t, given_up(c), "not given up");
    conn_close(c, &loop);

    c = open_calc();                    /* leaving: we have finished, it is no fault; and */
    loop.read_size = 4;                 /* what it sends on and on does not keep it */
    fake_say("xxxxxxxxxxxxxxxxxxxxxxxx");
    fake_turn(c, &loop);
    loop.clock.now += 2;
    test_check(t, !given_up(c), "given up unread");
    fake_turn(c, &loop);
    test_check(t, given_up(c), "not given up");
    conn_close(c, &loop);
    test_check(t, loop.ledger.closed_by_server == 1, "not closed by us");
}

/* A client that does not read its replies: the last read was full, now nobody reads. */
static void expiry_under_backpressure(struct test *t)
{
    struct conn *c = open_calc();
    int turns = 0;

    loop.read_size = 12;
    fake_say(FAKE_SUM FAKE_SUM);
    fake.room = 0;
    fake_turn(c, &loop);
    fake_check_asks(t, c, "write");
    loop.clock.now = 1600;
    while (!given_up(c) && turns++ < 10)
        fake_turn(c, &loop);
    test_check(t, turns == 1, "it got %d more turns and is not given up", turns);
    conn_close(c, &loop);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "half_close", half_close },
        { "farewell", farewell },
        { "farewell_waits_for_replies", farewell_waits_for_replies },
        { "stop", stop },
        { "stop_with_replies_owed", stop_with_replies_owed },
        { "clocks", clocks },
        { "expiry", expiry },
        { "expiry_under_backpressure", expiry_under_backpressure },
        { NULL, NULL }
    };

    return test_main("conn_life", cases);
}
