/* The life of one connection: its bytes, their cuts, would-blocks, short writes,
 * errors, want of memory, FIN, stop and the passing of time are decided by the input.
 *
 *     byte 0      the service, and how large an arrival or a send buffer counts
 *     byte 1      --read-size
 *     byte 2      how often the peer says what it says
 *     byte 3      how many steps follow, of two bytes each: what happens, and how much
 *     the rest    what the peer says
 *
 * After a step the server takes turns for as long as the kernel would wake it, or only one
 * turn: then the next step comes while there is work left.  At the end all obstacles go
 * and the peer finishes; then the reply stream must be the one that the whole input, read
 * at once, is owed.
 */
#define _GNU_SOURCE
#include "life.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "../unit/fake.h"
#include "fuzz.h"
#include "life_model.h"

enum {
    HEADER = 4,
    STREAM_MAX = 100000,
    READS_MAX = 1000,       /* that the stream takes at the least */
    TURNS_MAX = 20000,
    HURRY = 128,            /* a step from here on leaves the server only one turn */
    CALLS_MAX = 2 * 8 + 6   /* of recv and send in a turn; signals may interrupt some */
};

struct life {
    struct loop *loop;
    struct options options;
    struct conn   *c;
    const char    *stream;      /* all that the peer says */
    size_t         size;
    size_t         unit;        /* bytes an arrival or the send buffer counts in */
    bool           stopped;
    bool           disturbed;   /* an error or a clock may have cut the replies short */
    bool           expired;     /* a clock may have */
    size_t         owed_from;   /* told to stop: these many bytes are answered */
    bool           fin_at_stop;
};

/* All that must hold between two turns. */
static void check_between_turns(const struct life *l)
{
    const struct conn *c = l->c;
    const struct workspace *work = &l->loop->work;
    const struct ledger *g = &l->loop->ledger;
    const struct timer *t = clock_walk(&l->loop->clock, NULL);
    enum clock_kind kind = c->state == CONN_LEAVING ? CLOCK_LEAVING
                           : c->progress == SERVICE_BEGUN && buffer_length(&c->out) == 0
                           ? CLOCK_REQUEST : CLOCK_QUIET;
    bool read, write;

    expect(!conn_finished(c), "finished, and not dropped");
    expect(!buffer_borrowed(&c->in, work) && !buffer_borrowed(&c->out, work),
           "memory stays borrowed between turns");
    expect((c->in.data != NULL) == (buffer_length(&c->in) > 0)
           && (c->out.data != NULL) == (buffer_length(&c->out) > 0),
           "memory for nothing");
    expect(sizeof *c + c->in.end + c->out.end <= 64 * 1024, "%u + %u bytes kept",
           (unsigned)c->in.end, (unsigned)c->out.end);
    expect(t == &c->timer && clock_walk(&l->loop->clock, t) == NULL && t->kind == kind,
           "clock %d, expected %d, and only that", (int)c->timer.kind, (int)kind);
    expect(t->due <= l->loop->clock.now + l->loop->clock.length[kind], "due too late");
    expect(conn_wants_read(c) || conn_wants_write(c), "it waits for nothing");
    life_told(c, &read, &write);
    expect(read == conn_wants_read(c) && write == conn_wants_write(c),
           "told %d %d, wants %d %d", read, write, conn_wants_read(c),
           conn_wants_write(c));
    expect(!conn_wants_read(c) || c->state != CONN_OPEN || buffer_length(&c->out) == 0,
           "it is read from while replies wait");
    expect(g->bytes_in == fake.taken && g->bytes_out == fake.sent_size
           && g->read_calls + g->write_calls == (uint64_t)fake.calls,
           "the ledger has another sum");
}

/* Turns, so many at the most.  False when the kernel has nothing more to report. */
static bool take_turns(struct life *l, int most)
{
    int idle = 0;

    for (int turns = 0; l->c != NULL && turns < most; turns++) {
        long calls = fake.calls;
        size_t moved = fake.taken + fake.sent_size;
        bool fin = fake.fin_sent;

        if (!life_turn(l->c, fake_readable(), fake_writable(), fake.recv_errno != 0))
            return false;
        expect(fake.calls - calls <= CALLS_MAX, "a turn of %ld calls", fake.calls - calls);
        if (fake.closed) {
            l->c = NULL;
            return false;
        }
        /* Now and then nothing moves: the FIN is read, EAGAIN is met.  Not for long. */
        if (fake.taken + fake.sent_size != moved || fake.fin_sent != fin)
            idle = -1;
        idle++;
        expect(idle < 4, "it spins");
        check_between_turns(l);
    }
    return l->c != NULL;
}

/* Turns, until the kernel has nothing to report. */
static void settle(struct life *l)
{
    expect(!take_turns(l, TURNS_MAX), "it goes on for ever");
    if (l->c == NULL)
        return;
    check_between_turns(l);
    /* Under edge trigger, too: nothing that could be done was forgotten. */
    expect(!(conn_wants_read(l->c) && fake_readable())
           && !(conn_wants_write(l->c) && fake_writable()),
           "work is left, and no event");
}

/* The kernel reports an edge with all that is true at the time. */
static void edge(struct life *l)
{
    uint32_t events = (fake_readable() ? EPOLLIN : 0u)
                      | (fake_writable() ? EPOLLOUT : 0u) | (fake.fin ? EPOLLRDHUP : 0u)
                      | (fake.recv_errno != 0 ? EPOLLERR | EPOLLHUP : 0u);

    if (l->c != NULL && events != 0)
        life_edges(l->c, events);
}

static void pass_time(struct life *l, int64_t ns)
{
    l->loop->clock.now += ns;
    if (l->c != NULL && clock_expired(&l->loop->clock) != NULL)
        l->expired = true;
    for (int turns = 0; l->c != NULL && clock_expired(&l->loop->clock) != NULL; turns++) {
        life_expire();
        if (fake.closed)
            l->c = NULL;
        expect(turns < 8, "its clock has expired, and it stays");
    }
    settle(l);
}

static void break_off(struct life *l, int how)
{
    static const int errors[] = { ECONNRESET, EPIPE, ETIMEDOUT, ENOBUFS };

    l->disturbed = true;
    if (how % 5 == 4) {
        fake.shutdown_errno = ENOTCONN;
        return;
    }
    fake.recv_errno = fake.send_errno = errors[how % 5];
}

static void stop(struct life *l, bool unknown)
{
    if (l->stopped)
        return;
    l->stopped = true;
    fake.ioctl_errno = unknown ? EINVAL : 0;
    l->owed_from = unknown ? fake.taken : fake.arrived;
    l->fin_at_stop = fake.fin;
    life_stop();
}

static void step(struct life *l, int what, int how)
{
    static const short spans[] = { 0, 1, 2, 3, 29, 30, 31, 300, 599, 600, 601, 1000 };
    size_t more = (size_t)how * l->unit;

    switch (what % 9) {
    case 0:
        if (!fake.fin)
            fake_arrive(l->stream, more < l->size - fake.arrived ? fake.arrived + more
                                                                 : l->size);
        break;
    case 1:
        fake.room = fake.room == SIZE_MAX ? (size_t)how : fake.room + more;
        break;
    case 2:
        fake.interrupts = how % 4;
        break;
    case 3:
        fake.room = SIZE_MAX;
        break;
    case 4:
        pass_time(l, spans[(size_t)how % (sizeof spans / sizeof spans[0])]);
        break;
    case 5:
        fake.fin = true;
        break;
    case 6:
        if (how >= 250)
            break_off(l, how);
        break;
    case 7:
        if (how >= 128)
            stop(l, how & 1);
        break;
    case 8:
        fake.no_memory = how >= 192;
        l->disturbed = l->disturbed || fake.no_memory;
        break;
    }
    edge(l);
    if (what < HURRY)
        settle(l);
    else
        take_turns(l, 1);    /* the next thing happens while there is work left */
}

/* No more obstacles; the peer says the rest, and finishes. */
static void come_to_the_end(struct life *l)
{
    fake.room = SIZE_MAX;
    fake.no_memory = false;
    edge(l);
    settle(l);
    if (!fake.fin)
        fake_arrive(l->stream, l->size);
    edge(l);
    settle(l);
    fake.fin = true;
    edge(l);
    settle(l);
    expect(l->c == NULL, "the peer has finished, and it stays");
}

static void check_ledger(const struct life *l)
{
    const struct ledger *g = &l->loop->ledger;

    expect(g->accepted == 1 && g->now == 0 && g->closed_by_peer + g->closed_by_server
           + g->resets + g->timed_out == 1, "the ledger has another sum");
    expect(l->expired || g->timed_out == 0, "timed out before its time");
    expect(l->disturbed || g->resets == 0, "a reset that nobody made");
    expect(l->disturbed || l->expired || !fake.reset, "our RST");
    expect(clock_walk(&l->loop->clock, NULL) == NULL, "a timer is left");
    expect(fake.blocks == 0, "%ld blocks of memory leaked", fake.blocks);
}

static void check_replies(const struct life *l)
{
    struct model m = { .service = l->options.service,
                       .sent = fake.sent != NULL ? fake.sent : "",
                       .sent_size = fake.sent_size, .whole = true };

    if (l->disturbed || l->expired) {
        m.whole = false;
        model_check(&m, l->stream, fake.arrived, true);
    } else if (!l->stopped) {
        model_check(&m, l->stream, fake.arrived, true);
    } else if (!l->fin_at_stop) {
        model_check(&m, l->stream, l->owed_from, false);
    } else {
        /* A frame that the peer cut short before the stop may be said to be bad. */
        m.may_be_cut = true;
        model_check(&m, l->stream, l->owed_from, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const size_t units[] = { 1, 4, 16, 64, 256, 1024 };
    static char stream[STREAM_MAX];
    struct life l = { .stream = stream };
    size_t steps, said, most;
    uint32_t read_size;

    if (size < HEADER || size < HEADER + 2 * (size_t)input[3])
        return 0;
    steps = input[3];
    said = size - HEADER - 2 * steps;
    read_size = input[1] < 128 ? input[1] + 1u : (input[1] - 127u) * 512;
    /* Small bites at a long stream would take long, and show nothing more. */
    most = read_size * READS_MAX < STREAM_MAX ? read_size * READS_MAX : STREAM_MAX;
    for (int times = 1 + input[2] * input[2] / 16; times > 0; times--) {
        if (said > most - l.size)
            break;
        memcpy(stream + l.size, input + HEADER + 2 * steps, said);
        l.size += said;
    }
    l.unit = units[input[0] / 3 % (sizeof units / sizeof units[0])];
    l.loop = life_server();
    l.c = fake_open(l.loop, &l.options, (enum service)(input[0] % 3));
    l.loop->read_size = read_size;
    fake_arrive(stream, 0);
    life_watch(l.c);
    edge(&l);
    settle(&l);
    for (size_t i = 0; i < steps && l.c != NULL; i++)
        step(&l, input[HEADER + 2 * i], input[HEADER + 2 * i + 1]);
    come_to_the_end(&l);
    check_ledger(&l);
    check_replies(&l);
    fake_free();
    return 0;
}
