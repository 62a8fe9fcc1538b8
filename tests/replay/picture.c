#include "picture.h"

#include <inttypes.h>
#include <string.h>

#include "../lib/text.h"
#include "draw.h"
#include "steps.h"

enum { WIDE = 880, COLUMN = 212, TALL = 206, SHORT = 116, ROW = SHORT + 136, LEFT = 16, LINE = 19 };

/* The wait that a script returns to for this time, from 0, after its first act. */
static const struct telling {
    const char *script, *title;
    int wakeup;
} tellings[] = {
    { "bites", "12 bytes came, a recv takes 4: the second wait", 1 },
    { "idle", "1,000 silent clients, and A asks: the wait returns", 0 }
};

void picture_begin(FILE *out)
{
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            " aria-label=\"Two moments of the four servers, side by side\">\n<style>\n"
            "svg { --paper: #fffefb; --ink: #20201d; --soft: #625f57; --kernel: #f3f0e8;"
            " --line: #8b8678; --s0: #b3440f; --s1: #a238ac; --s2: #13254e; --s3: #0a8066; }\n"
            "@media (prefers-color-scheme: dark) { svg { --paper: #15171a; --ink: #ece9e2;"
            " --soft: #b9b5ac; --kernel: #202429; --line: #7d7a72; --s0: #ef8a58; --s1: #cf97dc;"
            " --s2: #7aa5ff; --s3: #1fe3c4; } }\n"
            "text { font: 13px system-ui, sans-serif; fill: var(--ink); }\n"
            ".title { font-size: 16px; font-weight: 600; }\n.name { font-weight: 700; }\n"
            ".soft { fill: var(--soft); }\n.code { font-family: monospace; }\n"
            ".dot { fill: var(--line); }\n"
            ".box { fill: var(--kernel); }\n.frame { fill: none; stroke: var(--line); }\n"
            ".derived { stroke-dasharray: 4 3; }\n</style>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"var(--paper)\"/>\n"
            "<defs><pattern id=\"dot\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
            "<rect class=\"dot\" width=\"3\" height=\"3\"/></pattern></defs>\n",
            WIDE, 2 * ROW + TALL - SHORT, WIDE, 2 * ROW + TALL - SHORT);
}

static void put(FILE *out, int y, const char *class, const char *text)
{
    fprintf(out, "<text x=\"10\" y=\"%d\" class=\"%s\">", y, class);
    html_text(out, text);
    fputs("</text>\n", out);
}

/* What is described or listed: a dot each. */
static void put_dots(FILE *out, int y, int count, const struct books *b)
{
    int full = count / 46 * 4, rest = count % 46 * 4;
    int place = draw_place(b);

    fprintf(out, "<g transform=\"translate(10 %d)\"><rect width=\"184\" height=\"%d\""
            " fill=\"url(#dot)\"/><g transform=\"translate(0 %d)\"><rect width=\"%d\""
            " height=\"4\" fill=\"url(#dot)\"/></g><rect x=\"%d\" y=\"%d\" width=\"5\" height=\"5\""
            " fill=\"var(--s%d)\"/></g>\n", y, full, full, rest, place % 46 * 4 - 1,
            place / 46 * 4 - 1, b->kind);
}

static int count_listed(const struct books *b)
{
    int n = 0;

    for (int fd = 0; fd < b->top; fd++)
        n += b->slots[fd].listed;
    return n;
}

static void put_kernel(FILE *out, const struct books *b)
{
    const struct peer *p = &b->peers[0];
    bool epoll = b->kind == BY_EPOLL_LT || b->kind == BY_EPOLL_ET;
    int listed = count_listed(b);
    char text[100];

    fprintf(out, "<rect class=\"box\" x=\"4\" y=\"44\" width=\"196\" height=\"%d\"/>\n",
            !epoll ? 66 : listed > 8 ? TALL : 86);
    put(out, 60, "soft", "kernel");
    if (p->said > p->taken)
        snprintf(text, sizeof text, "A: %u bytes unread", p->said - p->taken);
    else
        snprintf(text, sizeof text, "A: nothing unread");
    put(out, 60 + LINE, "", text);
    if (!epoll) {
        put(out, 60 + 2 * LINE, "soft", "keeps no list");
        return;
    }
    snprintf(text, sizeof text, "ready list: %s", b->ready_count > 0 ? "A" : "empty");
    put(out, 60 + 2 * LINE, "", text);
    fprintf(out, "<rect class=\"frame derived\" x=\"7\" y=\"%d\" width=\"190\" height=\"18\"/>\n",
            60 + 2 * LINE - 14);
    snprintf(text, sizeof text, "interest list: %d entries", listed);
    put(out, 60 + 3 * LINE + 2, "", text);
    if (listed > 8)
        put_dots(out, 156, listed, b);
}

static void put_lane(FILE *out, const struct lane *l, const struct moment *m, bool acts)
{
    const struct books *b = &m->after;
    const struct ledger *now = &b->ledger, *start = &l->moments[0].after.ledger;
    bool epoll = b->kind == BY_EPOLL_LT || b->kind == BY_EPOLL_ET;
    char text[100];
    int listed = count_listed(b), high = listed > 8 ? TALL : SHORT;

    fprintf(out, "<g transform=\"translate(%d 40)\"><rect x=\"4\" width=\"196\" height=\"3\""
            " fill=\"var(--s%d)\"/>\n<text x=\"10\" y=\"20\" class=\"name\" style=\"fill:"
            " var(--s%d)\">%s_server</text>\n", LEFT + l->kind * COLUMN, l->kind, l->kind,
            lane_names[l->kind]);
    snprintf(text, sizeof text, "%s returns %d", lane_waits[l->kind], b->reports);
    put(out, 38, acts ? "code" : "soft", acts ? text : "it read on; no second wait");
    put_kernel(out, b);
    fprintf(out, "<rect class=\"frame\" x=\"4\" y=\"44\" width=\"196\" height=\"%d\"/>\n", high);
    if (!epoll) {
        put(out, 128, "soft", "program");
        snprintf(text, sizeof text, "hands over %d, each time", listed);
        put(out, 128 + LINE, "", text);
        if (listed > 8)
            put_dots(out, 156, listed, b);
    }
    snprintf(text, sizeof text, "waits %" PRIu64 ", recv %" PRIu64 ", scanned %" PRIu64,
             now->waits - start->waits, now->read_calls - start->read_calls,
             now->scanned - start->scanned);
    put(out, high + 62, "", text);
    snprintf(text, sizeof text, "kernel bytes %" PRIu64, now->kernel_bytes - start->kernel_bytes);
    put(out, high + 62 + LINE, "", text);
    fputs("</g>\n", out);
}

void picture_script(FILE *out, const char *script, const struct lane lanes[LANES])
{
    static struct step steps[STEPS];
    int count = steps_of(lanes, steps);

    for (int i = 0; i < 2; i++) {
        if (strcmp(tellings[i].script, script) != 0)
            continue;
        fprintf(out, "<g transform=\"translate(0 %d)\"><text x=\"%d\" y=\"26\" class=\"title\">%s"
                "</text>\n", i * ROW, LEFT + 4, tellings[i].title);
        for (int at = 0; at < count; at++) {
            const struct step *s = &steps[at];

            if (s->kind != THE_WAIT_RETURNS
                || lanes[0].moments[s->moment[0]].wakeup != tellings[i].wakeup)
                continue;
            for (int k = 0; k < LANES; k++)
                put_lane(out, &lanes[k], &lanes[k].moments[s->moment[k]], s->acts[k]);
        }
        fputs("</g>\n", out);
    }
}

void picture_end(FILE *out)
{
    fputs("</svg>\n", out);
}
