#include "trace.h"

#include <inttypes.h>

#include "sentences.h"

const char *const trace_kinds[] = {
    [A_CLIENT_ACTS] = "a client acts", [THE_KERNEL_NOTES] = "the kernel notes",
    [THE_WAIT_RETURNS] = "the wait returns", [A_HANDLER_ACTS] = "a handler acts",
    [THE_KERNEL_IS_TOLD] = "the kernel is told", [IT_WAITS] = "it waits"
};

static void put_text(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++)
        if (*text == '\n')
            fputs("\\n", out);
        else
            fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    putc('"', out);
}

static void put_events(FILE *out, const char *name, uint32_t events)
{
    char text[64];

    fprintf(out, ",\"%s\":\"%s\"", name, events ? sentence_events(events, text) : "");
}

/* A silent client that nothing is said of is counted, and not written. */
static bool told(const struct slot *s)
{
    return s->who != NOBODY && (s->who != SILENT || s->reported || s->blocked || s->in || s->out);
}

static void put_slot(FILE *out, const struct books *b, int fd)
{
    const struct slot *s = &b->slots[fd];

    fprintf(out, "{\"fd\":%d,\"who\":\"%s%.1s\"", fd, s->who == LISTENER ? "listener"
            : s->who == SIGNALS ? "self-pipe" : s->who == SILENT ? "silent" : "",
            s->who >= 'A' && s->who <= 'Z' ? &s->who : "");
    if (s->who >= 'A' && s->who <= 'Z') {
        const struct peer *p = &b->peers[s->who - 'A'];

        fprintf(out, ",\"unread\":%u,\"fin\":%s,\"in\":%u,\"out\":%u", p->said - p->taken,
                p->fin ? "true" : "false", s->in, s->out);
    }
    put_events(out, "ready", books_readiness(b, fd));
    put_events(out, "watched", s->listed ? s->interest : 0);
    put_events(out, "reported", s->reported);
    if (b->kind == BY_EPOLL_ET)
        put_events(out, "heard", s->heard);
    fprintf(out, "}");
}

static void put_books(FILE *out, const struct books *b)
{
    const struct ledger *l = &b->ledger;
    const char *mark = "";
    int silent = 0;

    fprintf(out, ",\"backlog\":%d,\"descriptors\":[", b->waiting);
    for (int fd = 0; fd < b->top; fd++) {
        silent += b->slots[fd].who == SILENT;
        if (!told(&b->slots[fd]))
            continue;
        fputs(mark, out);
        put_slot(out, b, fd);
        mark = ",";
    }
    fprintf(out, "],\"silent\":%d,\"ready_list\":[", silent);
    for (int i = 0; i < b->ready_count; i++)
        fprintf(out, "%s%d", i > 0 ? "," : "", b->ready[i]);
    fprintf(out, "],\"ledger\":{\"waits\":%" PRIu64 ",\"watched\":%" PRIu64 ",\"ready\":%" PRIu64
            ",\"scanned\":%" PRIu64 ",\"kernel_bytes\":%" PRIu64 ",\"interest_calls\":%" PRIu64
            ",\"accept_calls\":%" PRIu64 ",\"read_calls\":%" PRIu64 ",\"write_calls\":%" PRIu64
            ",\"would_block\":%" PRIu64 ",\"requests\":%" PRIu64 ",\"bytes_in\":%" PRIu64
            ",\"bytes_out\":%" PRIu64 "}", l->waits, l->watched, l->ready, l->scanned,
            l->kernel_bytes, l->interest_calls, l->accept_calls, l->read_calls, l->write_calls,
            l->would_block, l->requests, l->bytes_in, l->bytes_out);
}

void trace_write(FILE *out, const char *script, const struct lane *l)
{
    for (int i = 0; i < l->count; i++) {
        const struct moment *m = &l->moments[i];

        fprintf(out, "{\"script\":\"%s\",\"server\":\"%s_server\",\"act\":%d,\"wakeup\":%d,"
                "\"kind\":\"%s\",\"sentence\":", script, lane_names[l->kind], m->act + 1,
                m->wakeup + 1, trace_kinds[m->kind]);
        put_text(out, m->sentence);
        if (m->call[0] != '\0') {
            fputs(",\"call\":", out);
            put_text(out, m->call);
        }
        put_books(out, &m->after);
        fputs("}\n", out);
    }
}
