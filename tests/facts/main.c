/* facts - tries what is said of select, poll and epoll, and prints what was seen.
 *
 *     $ build/tests/facts --only select/limit
 *     select/limit: "select serves at most 1,024 clients."
 *       it depends. ...
 *
 * Exits with 1 if what is promised was not seen, or if nothing was tried at all. */
#define _GNU_SOURCE
#include "../lib/command.h"
#include "fact.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct theme theme_select, theme_poll, theme_epoll, theme_edge, theme_sockets,
    theme_closing, theme_several, theme_time;

const struct theme *const themes[] = {
    &theme_select, &theme_poll, &theme_epoll, &theme_edge, &theme_sockets, &theme_closing,
    &theme_several, &theme_time, NULL,
};

enum { MAX_FACTS = 128 };

static const char usage[] =
    "usage: facts [--only NAME] [--list | --brief | --page | --turned] [--json FILE]\n"
    "\n"
    "Tries claims about select, poll and epoll, and prints what was seen.\n"
    "\n"
    "  --only NAME   only this fact, or the facts of one theme: --only select/\n"
    "  --list        the facts and their claims, untried\n"
    "  --brief       one line a fact: ok, FAIL or skip\n"
    "  --page        docs/facts.md, to stdout\n"
    "  --turned      turn each assertion of each fact round: each must then be wrong\n"
    "  --json FILE   write what was seen to FILE, too (not with --only)\n"
    "  -h            this text\n";

struct options {
    const char *only, *json;
    bool list, brief, page, turned;
};

static void parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        { "only", required_argument, NULL, 'o' }, { "json", required_argument, NULL, 'j' },
        { "list", no_argument, NULL, 'l' },       { "brief", no_argument, NULL, 'b' },
        { "page", no_argument, NULL, 'p' },       { "turned", no_argument, NULL, 't' },
        { "help", no_argument, NULL, 'h' },       { NULL, 0, NULL, 0 },
    };
    int c;

    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1)
        switch (c) {
        case 'o': o->only = optarg; break;
        case 'j': o->json = optarg; break;
        case 'l': o->list = true; break;
        case 'b': o->brief = true; break;
        case 'p': o->page = true; break;
        case 't': o->turned = true; break;
        case 'h': fputs(usage, stdout); exit(command_end(0));
        default: fputs("facts -h shows the options\n", stderr); exit(2);
        }
    if (optind < argc || (o->only && (o->page || o->json)) || (o->turned && o->json)) {
        fprintf(stderr, "facts: %s; facts -h shows the options\n",
                optind < argc ? "takes no argument" : "--page and --json are about all facts");
        exit(2);
    }
}

static bool chosen(const struct fact *f, const char *only)
{
    size_t n = only ? strlen(only) : 0;

    return !only || strcmp(f->name, only) == 0
           || (n > 0 && only[n - 1] == '/' && strncmp(f->name, only, n) == 0);
}

static void show(const struct fact *f, const struct outcome *o)
{
    char text[1000];

    snprintf(text, sizeof text, "\"%s\"", f->claim);
    write_wrapped(f->name, 2, text);
    write_answer(text, sizeof text, f, "");
    write_wrapped(" ", 2, text);
    for (int i = 0; i < o->count; i++)
        write_wrapped(o->sights[i].promised ? "  seen:"
                      : o->sights[i].holds  ? "  seen, here:"
                                            : "  SEEN, HERE, OTHERWISE THAN EXPECTED:",
                      8, o->sights[i].text);
    if (o->status >= SKIPPED)
        write_wrapped(o->status == SKIPPED ? "  skipped:" : "  WRONG:", 8, o->reason);
    putchar('\n');
}

static void show_brief(const struct fact *f, const struct outcome *o)
{
    if (o->status >= SKIPPED)
        printf("%s facts/%s: %s\n", o->status == SKIPPED ? "skip" : "FAIL", f->name, o->reason);
    else
        printf("ok facts/%s\n", f->name);
    for (int i = 0; i < o->count; i++)
        if (!o->sights[i].holds)
            printf("    facts/%s, otherwise on this kernel: %s\n", f->name, o->sights[i].text);
}

/* Each assertion turned round must be noticed: as WRONG, or as otherwise here. */
static bool turn_round(const struct fact *f, const struct outcome *straight)
{
    struct outcome o;

    if (straight->status == SKIPPED)
        return true;                    /* as said in the other run */
    if (straight->status != AS_SAID) {
        printf("skip facts/turned/%s: it is not as said when it is not turned\n", f->name);
        return straight->status != WRONG;
    }
    for (int i = 1; i <= straight->count; i++) {
        fact_run(f, i, &o);
        if (o.status != (straight->sights[i - 1].promised ? WRONG : OTHERWISE_HERE)) {
            printf("FAIL facts/turned/%s: assertion %d, turned round, was not noticed: %s\n",
                   f->name, i, straight->sights[i - 1].text);
            return false;
        }
    }
    printf("ok facts/turned/%s\n", f->name);
    return true;
}

static int count_status(const struct outcome *outcomes, int count, enum status status)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        n += outcomes[i].status == status;
    return n;
}

int main(int argc, char **argv)
{
    static struct outcome outcomes[MAX_FACTS];
    struct options o = { 0 };
    int count = 0, bad = 0;

    command_begin();
    parse(argc, argv, &o);
    for (const struct theme *const *t = themes; *t; t++)
        for (const struct fact *const *f = (*t)->facts; *f && count < MAX_FACTS; f++) {
            struct outcome *outcome = &outcomes[count];

            if (!chosen(*f, o.only))
                continue;
            count++;
            if (o.list) {
                printf("%-28s %s\n", (*f)->name, (*f)->claim);
                continue;
            }
            fact_run(*f, 0, outcome);
            bad += outcome->status == WRONG;
            if (o.turned)
                bad += !turn_round(*f, outcome);
            else if (o.brief)
                show_brief(*f, outcome);
            else if (!o.page)
                show(*f, outcome);
            fflush(stdout);
        }
    if (count == 0) {
        fprintf(stderr, "facts: no fact is called '%s'; facts --list names them\n", o.only);
        return 2;
    }
    if (o.list)
        return command_end(0);
    if (o.page)
        write_page(outcomes);
    else if (!o.brief && !o.turned)
        printf("%d facts: %d as the page says, %d otherwise on this kernel, %d skipped, "
               "%d wrong\n", count, count_status(outcomes, count, AS_SAID),
               count_status(outcomes, count, OTHERWISE_HERE),
               count_status(outcomes, count, SKIPPED), count_status(outcomes, count, WRONG));
    if (o.json && !write_json(o.json, outcomes)) {
        fprintf(stderr, "facts: cannot write %s: %s\n", o.json, strerror(errno));
        return 1;
    }
    return command_end(bad > 0 || count_status(outcomes, count, SKIPPED) == count);
}
