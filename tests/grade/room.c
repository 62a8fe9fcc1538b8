#define _GNU_SOURCE
#include "room.h"

void room_hear(struct exam *e, const struct room *r, const void *bytes, size_t len)
{
    for (int i = 0; i < r->count; i++)
        hear(e, r->fds[i], bytes, len);
}

void room_speak(struct exam *e, const struct room *r, int speaker)
{
    struct question q;

    question_make(e, &q);
    say(e, r->fds[speaker], q.in, q.in_len);
    room_hear(e, r, q.out, q.out_len);
}

/* Whoever has heard a line is in the room: so each newcomer says one. */
static void room_enter(struct exam *e, struct room *r, int count)
{
    for (int i = 0; i < count; i++) {
        r->fds[r->count++] = come(e);
        room_speak(e, r, r->count - 1);
    }
}

struct room room_make(struct exam *e, int count)
{
    struct room r = { .count = 0 };

    did(e, "%d clients came, one after the other, and each said a line", count);
    expects(e, "each line with all that were there, the speaker too");
    blame(e, SILENCE, e->framing ? e->framing : "not-to-all");
    room_enter(e, &r, count);
    blame(e, SILENCE, NULL);
    if (e->framing)
        blame_all(e, e->framing);
    return r;
}
