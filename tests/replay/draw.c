#define _GNU_SOURCE
#include "draw.h"

#include <inttypes.h>
#include <string.h>

#include "../lib/text.h"
#include "sentences.h"

enum { SHOWN = 40, FEW = 8 };    /* bytes of a queue; descriptors of a set */

static bool is_client(const struct slot *s)
{
    return s->who >= 'A' && s->who < 'A' + PEERS;
}

/* How long the frame is that begins at `at`, separators before it included. */
static uint32_t frame_length(const char *text, uint32_t at, uint32_t end)
{
    uint32_t size = 0, i = at;

    while (i < end && text[i] >= '0' && text[i] <= '9')
        size = size * 10 + (uint32_t)(text[i++] - '0');
    i += 1 + size + 1;
    return i < end ? i - at : end - at;
}

/* Bytes `from` to `to` of what a client has said, cut where its frames are. A frame that is
 * not all there has an open end. */
static void put_bytes(FILE *out, const char *said, uint32_t all, uint32_t from, uint32_t to)
{
    uint32_t at = 0;

    if (from == to) {
        fputs("<i class=none>empty</i>", out);
        return;
    }
    if (to - from > SHOWN) {
        fprintf(out, "<b class=\"q many\">%u bytes</b>", to - from);
        return;
    }
    while (at < to) {
        uint32_t next = at + frame_length(said, at, all);
        uint32_t first = at > from ? at : from, last = next < to ? next : to;

        if (last > first) {
            fprintf(out, "<b class=\"q%s%s\">", first > at ? " cut-left" : "",
                    last < next ? " cut-right" : "");
            html_bytes(out, said + first, last - first);
            fputs("</b>", out);
        }
        at = next;
    }
}

static void put_events(FILE *out, uint32_t events)
{
    char text[64];

    if (events & ~(uint32_t)EPOLLET)
        fprintf(out, "<span class=ev>%s</span>", sentence_events(events, text));
    else
        fputs("<i class=none>–</i>", out);
}

static const char *changed(bool is)
{
    return is ? " class=new" : "";
}

int draw_place(const struct books *b)
{
    int before = 0;

    for (int fd = 0; fd < b->peers[0].slot; fd++)
        before += b->kind == BY_SELECT || b->slots[fd].listed;
    return before;
}

/* A set of descriptors, an array, or a list, as dots: one for each, where there are many. */
static void put_dots(FILE *out, const struct books *b, int count)
{
    int full = count / 50 * 4, place = draw_place(b);

    fprintf(out, "<svg class=dots viewBox=\"0 0 200 %d\" role=img aria-label=\"%d dots, one for"
            " each; the marked one is client A\"><rect width=200 height=%d fill=\"url(#dot)\"/>"
            "<rect y=%d width=%d height=4 fill=\"url(#dot)\"/>"
            "<rect class=a x=%d y=%d width=3 height=3 /></svg>", (count + 49) / 50 * 4, count,
            full, full, count % 50 * 4, place % 50 * 4, place / 50 * 4);
}

static void draw_socket(FILE *out, const struct lane *l, const struct books *b,
                        const struct books *was, int fd)
{
    const struct slot *s = &b->slots[fd];
    const struct peer *p = &b->peers[s->who - 'A'], *q = &was->peers[s->who - 'A'];

    fprintf(out, "<li%s><span class=who>%c</span> <small>fd %d</small> ",
            changed(p->said - p->taken != q->said - q->taken || p->fin != q->fin), s->who, fd);
    put_bytes(out, l->words.said[s->who - 'A'], p->said, p->taken, p->said);
    if (p->fin && !p->fin_taken)
        fputs("<b class=\"q fin\">FIN</b>", out);
    fputs(" <small class=is>ready for ", out);
    put_events(out, books_readiness(b, fd));
    fputs("</small></li>", out);
}

static void draw_list(FILE *out, const struct books *b, const struct books *was)
{
    bool same = b->ready_count == was->ready_count
                && memcmp(b->ready, was->ready, (size_t)b->ready_count * sizeof b->ready[0]) == 0;

    fprintf(out, "<p class=derived><span class=what>ready list</span> <span%s>", changed(!same));
    for (int i = 0; i < b->ready_count; i++)
        fprintf(out, "<b class=fd>%d</b>", b->ready[i]);
    if (b->ready_count == 0)
        fputs("<i class=none>empty</i>", out);
    fputs("</span></p>", out);
}

/* The interest list: in the kernel. */
static void draw_interest(FILE *out, const struct books *b, const struct books *was)
{
    int listed = 0;

    for (int fd = 0; fd < b->top; fd++)
        listed += b->slots[fd].listed;
    fprintf(out, "<p><span class=what>interest list, %d entries</span></p>", listed);
    if (listed > FEW)
        put_dots(out, b, listed);
    fputs("<ul class=\"rows flow\">", out);
    for (int fd = 0; fd < b->top; fd++) {
        const struct slot *s = &b->slots[fd];

        if (!s->listed || s->who == SILENT)
            continue;
        fprintf(out, "<li%s><small>fd %d</small> ",
                changed(s->interest != was->slots[fd].interest || !was->slots[fd].listed), fd);
        put_events(out, s->interest);
        fputs("</li>", out);
    }
    fputs("</ul>", out);
}

static void draw_kernel(FILE *out, const struct lane *l, const struct books *b,
                        const struct books *was)
{
    fputs("<div class=kernel><h5>kernel</h5><ul class=rows>", out);
    fprintf(out, "<li%s><span class=who>listener</span> ", changed(b->waiting != was->waiting));
    for (int i = 0; i < b->waiting; i++)
        fprintf(out, "<b class=q>%c</b>", b->backlog[i] < 0 ? '.' : 'A' + b->backlog[i]);
    fputs(b->waiting > 0 ? " <small>to be accepted</small></li>"
          : "<i class=none>nobody waits</i></li>", out);
    for (int fd = 0; fd < b->top; fd++)
        if (is_client(&b->slots[fd]))
            draw_socket(out, l, b, was, fd);
    fputs("</ul>", out);
    if (b->epoll >= 0) {
        draw_interest(out, b, was);
        draw_list(out, b, was);
    } else {
        fputs("<p class=muted>keeps no list: each call brings all, and the kernel asks each"
              " socket</p>", out);
    }
    fputs("</div>", out);
}

static void draw_set(FILE *out, const struct books *b, const struct books *was, uint32_t bit,
                     const char *name)
{
    char now[SAID] = "", then[SAID] = "";

    sentence_set(now, b, bit, false);
    sentence_set(then, was, bit, false);
    fprintf(out, "<p><span class=what>%s</span> <code%s>", name, changed(strcmp(now, then) != 0));
    html_text(out, now);
    fputs("</code></p>", out);
}

static void draw_array(FILE *out, const struct books *b, const struct books *was, bool returned)
{
    if (b->described > FEW)
        put_dots(out, b, b->described);
    fputs("<table><tr><th>fd<th>events<th>revents</tr>", out);
    for (int i = 0; i < b->described; i++) {
        int fd = b->array[i];
        const struct slot *s = fd >= 0 ? &b->slots[fd] : NULL;

        if (s != NULL && s->who == SILENT && !s->reported)
            continue;
        fprintf(out, "<tr%s><td>%d<td>", changed(s == NULL ? was->array[i] >= 0
                : s->interest != was->slots[fd].interest || (returned && s->reported)), fd);
        if (s == NULL)
            fputs("<i class=none>ignored</i><td>", out);
        else
            put_events(out, s->interest);
        if (s != NULL) {
            fputs("<td>", out);
            put_events(out, s->reported);
        }
        fputs("</tr>", out);
    }
    fputs("</table>", out);
}

/* The edge-triggered program's memory. */
static void draw_marks(FILE *out, const struct books *b, const struct books *was)
{
    bool any = false;

    fputs("<ul class=\"rows derived\"><li><span class=what>heard, not yet denied</span></li>",
          out);
    for (int fd = 0; fd < b->top; fd++) {
        const struct slot *s = &b->slots[fd];

        if (!is_client(s))
            continue;
        any = true;
        fprintf(out, "<li%s><span class=who>%c</span> ", changed(s->heard != was->slots[fd].heard),
                s->who);
        put_events(out, s->heard & (EPOLLIN | EPOLLOUT | EPOLLRDHUP));
        if (books_has_work(b, fd))
            fputs(" <small>has work</small>", out);
        fputs("</li>", out);
    }
    if (b->backlog_heard || was->backlog_heard || !any)
        fprintf(out, "<li%s><span class=who>listener</span> %s</li>",
                changed(b->backlog_heard != was->backlog_heard), b->backlog_heard
                ? "<span class=ev>IN</span>" : "<i class=none>–</i>");
    fputs("</ul>", out);
}

static void draw_buffers(FILE *out, const struct lane *l, const struct books *b,
                         const struct books *was, int fd)
{
    const struct slot *s = &b->slots[fd];
    const struct peer *p = &b->peers[s->who - 'A'];

    fprintf(out, "<li%s><span class=who>%c</span> <small>in</small> ",
            changed(s->in != was->slots[fd].in || s->out != was->slots[fd].out), s->who);
    put_bytes(out, l->words.said[s->who - 'A'], p->said, p->taken - s->in, p->taken);
    fputs(" <small>out</small> ", out);
    if (s->out > 0)
        fprintf(out, "<b class=\"q many\">%u bytes</b>", s->out);
    else
        fputs("<i class=none>empty</i>", out);
    fprintf(out, " <small class=is>wants to %s</small></li>", s->out > 0 ? "write" : "read");
}

static void draw_program(FILE *out, const struct lane *l, const struct moment *m,
                         const struct books *was)
{
    const struct books *b = &m->after;

    fprintf(out, "<div class=program><h5>program%s</h5>", b->epoll >= 0 ? ""
            : ", as its last call showed it");
    if (b->kind == BY_SELECT) {
        if (b->described > 2 * FEW)
            put_dots(out, b, b->described);
        draw_set(out, b, was, EPOLLIN, "read set");
        draw_set(out, b, was, EPOLLOUT, "write set");
    } else if (b->kind == BY_POLL) {
        draw_array(out, b, was, m->kind == THE_WAIT_RETURNS);
    } else if (b->kind == BY_EPOLL_ET) {
        draw_marks(out, b, was);
    }
    fputs("<ul class=\"rows derived\">", out);
    for (int fd = 0; fd < b->top; fd++)
        if (is_client(&b->slots[fd]))
            draw_buffers(out, l, b, was, fd);
    fputs("</ul></div>", out);
}

static void put_figure(FILE *out, const char *name, uint64_t now, uint64_t then, uint64_t start)
{
    fprintf(out, "<span%s>%s <b>%" PRIu64 "</b>", changed(now != then), name, now - start);
    if (now != then)
        fprintf(out, " <ins>+%" PRIu64 "</ins>", now - then);
    fputs("</span> ", out);
}

/* From the first step on. */
static void draw_ledger(FILE *out, const struct lane *l, const struct books *b,
                        const struct books *was)
{
    const struct ledger *n = &b->ledger, *w = &was->ledger;
    const struct ledger *s = &l->moments[0].after.ledger;

    fputs("<p class=ledger>", out);
    put_figure(out, "waits", n->waits, w->waits, s->waits);
    put_figure(out, "watched", n->watched, w->watched, s->watched);
    put_figure(out, "scanned", n->scanned, w->scanned, s->scanned);
    put_figure(out, "epoll_ctl", n->interest_calls, w->interest_calls, s->interest_calls);
    put_figure(out, "kernel bytes", n->kernel_bytes, w->kernel_bytes, s->kernel_bytes);
    put_figure(out, "recv", n->read_calls, w->read_calls, s->read_calls);
    put_figure(out, "send", n->write_calls, w->write_calls, s->write_calls);
    put_figure(out, "EAGAIN", n->would_block, w->would_block, s->would_block);
    put_figure(out, "requests", n->requests, w->requests, s->requests);
    fputs("</p>", out);
}

void draw_lane(FILE *out, const struct lane *l, const struct moment *m,
               const struct moment *before, bool acts)
{
    const struct books *b = &m->after, *was = &before->after;
    bool waits = m->kind == IT_WAITS || m->kind == A_CLIENT_ACTS || m->kind == THE_KERNEL_NOTES;

    fprintf(out, "<div class=\"lane s%d%s\" data-lane=%d><h4>%s_server <small class=state>%s"
            "</small></h4>", l->kind, acts ? "" : " still", l->kind, lane_names[l->kind],
            waits ? "in its wait" : acts ? "at work" : "no step");
    fputs("<p class=says>", out);
    html_text(out, !acts ? "Nothing happens here." : m->kind == A_CLIENT_ACTS ? "It is in its"
                " wait." : m->sentence);
    fputs("</p>", out);
    if (acts && m->call[0] != '\0') {
        fputs("<p class=call><code>", out);
        html_text(out, m->call);
        fputs("</code></p>", out);
    }
    draw_kernel(out, l, b, was);
    draw_program(out, l, m, was);
    draw_ledger(out, l, b, was);
    if (acts && m->said[0] != '\0') {
        fputs("<details class=vv><summary>-vv</summary><pre>", out);
        html_text(out, m->said);
        fputs("</pre></details>", out);
    }
    fputs("</div>\n", out);
}
