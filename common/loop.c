#include "loop.h"

static const int64_t leaving_time = 2 * CLOCK_SECOND;
static const int64_t stop_time = 19 * CLOCK_SECOND / 10, stop_time_least = CLOCK_SECOND;
static const int64_t close_time = CLOCK_SECOND / 20000;    /* of one client: 50 us */

void loop_init(struct loop *l, const struct mechanism *m, const struct options *o)
{
    l->service = o->service;
    l->read_size = o->read_size;
    clock_init(&l->clock, o->idle_timeout, o->frame_timeout, leaving_time);
    l->born = l->clock.now;
    l->ledger = (struct ledger){ .server = m->server, .mechanism = m->name,
                                 .service = service_name(o->service) };
    narrate_init(&l->narrator, o->verbose, &l->ledger, m->wait, m->scans);
}

void loop_read_clock(struct loop *l)
{
    clock_read(&l->clock);
    l->ledger.age = l->clock.now - l->born;
}

void loop_note_wait(struct loop *l, int reported, uint64_t described,
                    uint64_t kernel_bytes)
{
    l->ledger.waits++;
    l->ledger.wait_timeouts += reported == 0;
    l->ledger.watched += described;
    l->ledger.kernel_bytes += kernel_bytes;
    narrate_wakeup(&l->narrator, described, reported);
}

/* The two seconds are those of the whole process, from the signal to its exit.  So a tenth is
 * kept for what comes before and after this clock, and for closing each client that is left,
 * five times what that takes on an idle machine. */
void loop_stop(struct loop *l)
{
    int64_t time = stop_time - close_time * (int64_t)l->ledger.now;

    clock_set_alarm(&l->clock, CLOCK_STOP, time > stop_time_least ? time : stop_time_least);
}
