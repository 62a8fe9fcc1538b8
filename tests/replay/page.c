#define _GNU_SOURCE
#include "page.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "../lib/text.h"
#include "draw.h"
#include "steps.h"

/* The style sheet and the program of the page. */
extern const char *const asset_replay_css[], *const asset_replay_js[];

static void put_contents(FILE *out)
{
    fputs("<nav aria-label=Scripts><ol>", out);
    for (int i = 0; scripts[i].name != NULL; i++)
        fprintf(out, "<li><a href=\"#%s/0\"><kbd>%d</kbd> %s</a></li>", scripts[i].name, i + 1,
                scripts[i].title);
    fputs("</ol></nav>\n", out);
}

static void put_legend(FILE *out)
{
    fputs("<details class=legend><summary>How to read it</summary>"
          "<p>Four servers are played the same script. A step is one thing: a client acts, the"
          " kernel notes it, the wait returns, the program acts, the program waits. All of it"
          " happened: it was seen from outside, at the servers&#39; system calls.</p>"
          "<p>A box with bytes is a queue: each frame has an edge of its own, and an open edge"
          " where the rest is elsewhere: <b class=q>4@1234@</b> <b class=\"q cut-right\">9@99</b>."
          " <span class=new>Marked</span> is what this step changed. <span class=derived>"
          "Dashed</span> is what neither the kernel nor the program tells: it is derived by"
          " rules, and held against what was seen. A level-triggered descriptor that was reported"
          " stays on epoll&#39;s ready list until the next wait has looked at it. The line at the foot of a lane is its"
          " ledger since step one.</p>"
          "<p class=keys><kbd>&larr;</kbd> <kbd>&rarr;</kbd> a step &nbsp; <kbd>Home</kbd>"
          " <kbd>End</kbd> first, last &nbsp; <kbd>1</kbd> to <kbd>6</kbd> the script &nbsp;"
          " <kbd>L</kbd> hides a lane, the next, and shows all again. On a touch screen, swipe."
          "</p></details>\n", out);
}

void page_begin(FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
          "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=color-scheme content=\"light dark\"><link rel=icon href=\"data:,\">\n"
          "<title>Four servers, step by step</title>\n<style>\n", out);
    asset_write(out, asset_replay_css);
    fputs("</style></head><body>\n"
          "<svg width=0 height=0 aria-hidden=true class=defs><pattern id=dot width=4 height=4"
          " patternUnits=userSpaceOnUse><rect width=3 height=3 rx=.6 class=dot /></pattern></svg>\n"
          "<header class=top><h1>Four servers, step by step</h1>\n", out);
    put_contents(out);
    put_legend(out);
    fputs("</header>\n<div class=bar hidden role=group aria-label=Steps>"
          "<button type=button id=back aria-label=\"a step back\">&larr;</button>"
          "<input type=range id=slider min=0 value=0 aria-label=Step>"
          "<output id=place></output>"
          "<button type=button id=on aria-label=\"a step on\">&rarr;</button>"
          "<span class=lanebuttons>", out);
    for (int k = 0; k < LANES; k++)
        fprintf(out, "<button type=button class=s%d data-toggle=%d aria-pressed=true>%s</button>",
                k, k, lane_names[k]);
    fputs("</span></div>\n<p id=live class=apart aria-live=polite></p>\n<main>\n", out);
}

/* What it has cost each, from the first step to the last. */
static void put_sum(FILE *out, const struct lane lanes[LANES])
{
    static const struct { const char *name; size_t at; } figures[] = {
#define FIGURE(name, field) { name, offsetof(struct ledger, field) }
        FIGURE("waits", waits), FIGURE("descriptors described", watched),
        FIGURE("slots scanned", scanned), FIGURE("epoll_ctl calls", interest_calls),
        FIGURE("bytes to and from the kernel", kernel_bytes), FIGURE("recv calls", read_calls),
        FIGURE("send calls", write_calls), FIGURE("EAGAIN", would_block)
#undef FIGURE
    };

    fputs("<table class=sum><tr><td>", out);
    for (int k = 0; k < LANES; k++)
        fprintf(out, "<th class=s%d scope=col>%s", k, lane_names[k]);
    fputs("</tr>", out);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        fprintf(out, "<tr><th scope=row>%s", figures[i].name);
        for (int k = 0; k < LANES; k++) {
            const struct lane *l = &lanes[k];
            uint64_t first, last;

            memcpy(&first, (const char *)&l->moments[0].after.ledger + figures[i].at,
                   sizeof first);
            memcpy(&last, (const char *)&l->moments[l->count - 1].after.ledger + figures[i].at,
                   sizeof last);
            fprintf(out, "<td>%" PRIu64, last - first);
        }
        fputs("</tr>", out);
    }
    fputs("</table>", out);
}

/* A question before the first step, and the answer after the last. */
static void put_card(FILE *out, const struct script_of_acts *s, int step, int steps,
                     const char *head, const char *text, const struct lane lanes[LANES])
{
    fprintf(out, "<article class=\"step card telling\" id=\"%s/%d\" data-say=\"", s->name, step);
    html_text(out, text);
    fprintf(out, "\"><h3>%s</h3><p class=big>", head);
    html_text(out, text);
    fputs("</p>", out);
    if (step == 0)
        fprintf(out, "<p class=muted>Write your answer down. Then take the %d steps.</p>", steps);
    else
        put_sum(out, lanes);
    fputs("</article>\n", out);
}

static void put_step(FILE *out, const struct script_of_acts *s, const struct step *at,
                     const struct step *before, int number, int count,
                     const struct lane lanes[LANES])
{
    static const char *const kinds[] = {
        [A_CLIENT_ACTS] = "a client acts", [THE_KERNEL_NOTES] = "the kernel notes",
        [THE_WAIT_RETURNS] = "the wait returns", [A_HANDLER_ACTS] = "the program acts",
        [IT_WAITS] = "the program waits"
    };
    char headline[SAID];

    step_headline(at, lanes, headline);
    fprintf(out, "<article class=\"step%s\" id=\"%s/%d\" data-say=\"Step %d of %d. ",
            at->telling ? " telling" : "", s->name, number, number, count);
    html_text(out, headline);
    fprintf(out, "\"><h3><a href=\"#%s/%d\">%d</a> <span class=kind>%s</span> ", s->name, number,
            number, kinds[at->kind]);
    html_text(out, headline);
    fputs("</h3><div class=lanes>\n", out);
    for (int k = 0; k < LANES; k++)
        draw_lane(out, &lanes[k], &lanes[k].moments[at->moment[k]],
                  &lanes[k].moments[before != NULL ? before->moment[k] : 0], at->acts[k]);
    fputs("</div></article>\n", out);
}

void page_script(FILE *out, int number, const struct script_of_acts *s,
                 const struct lane lanes[LANES])
{
    static struct step steps[STEPS];
    int count = steps_of(lanes, steps);

    fprintf(out, "<section id=\"%s\" data-steps=%d><h2><span class=number>%d</span> %s</h2>\n",
            s->name, count + 1, number, s->title);
    put_card(out, s, 0, count, "Before step one", s->question, lanes);
    for (int i = 0; i < count; i++)
        put_step(out, s, &steps[i], i > 0 ? &steps[i - 1] : NULL, i + 1, count, lanes);
    put_card(out, s, count + 1, count, "What differs, and why", s->answer, lanes);
    fputs("</section>\n", out);
}

void page_end(FILE *out)
{
    fputs("</main>\n<script>\n", out);
    asset_write(out, asset_replay_js);
    fputs("</script></body></html>\n", out);
}
