/* replay - plays scripts of client actions against the four servers, and shows each step.
 *
 *     build/tests/replay --trace trace.jsonl          # as JSON lines
 *     build/tests/replay --page index.html            # as a page
 *
 * What is shown is what happened: see books.h. */
#define _GNU_SOURCE
#include "lane.h"
#include "page.h"
#include "picture.h"
#include "scripts.h"
#include "trace.h"

#include "../lib/brood.h"
#include "../lib/check.h"
#include "../lib/command.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    const char *build, *script, *server, *trace, *page, *picture;
};

static const char usage[] =
"usage: replay [options]\n\n"
"  --page FILE     a page with all steps, for a browser\n"
"  --picture FILE  two telling moments, of the scripts bites and idle, as SVG\n"
"  --trace FILE    each step as a line of JSON; - is stdout\n"
"  --script NAME   this one only: pieces, bites, slow, idle, descriptors, fin\n"
"  --server NAME   this one only: select, poll, epoll_lt, epoll_et\n"
"  --build DIR     where the servers are (build)\n"
"  --crook RULE    break one of the rules that the kernel's state is derived by: must fail\n"
"  --allowed       exit with 0 if ptrace(2) is allowed here\n";

/* A thousand clients, and as many in the server. */
static FILE *open_output(const char *path)
{
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

    check(out != NULL, "cannot write '%s': %s", path, strerror(errno));
    return out;
}

static void play(struct lane *l, enum mechanism_kind kind, const struct wanted *w,
                 const struct script_of_acts *s)
{
    check_about("%s/%s: ", s->name, lane_names[kind]);
    lane_start(l, kind, w->build, s->options);
    for (int i = 0; s->acts[i] != NULL; i++)
        lane_act(l, s->acts[i]);
    lane_end(l);
}

static int play_all(const struct wanted *w)
{
    FILE *trace = w->trace != NULL ? open_output(w->trace) : NULL;
    FILE *page = w->page != NULL ? open_output(w->page) : NULL;
    FILE *picture = w->picture != NULL ? open_output(w->picture) : NULL;
    static struct lane lanes[LANES];
    int played = 0;

    if (page != NULL)
        page_begin(page);
    if (picture != NULL)
        picture_begin(picture);
    for (const struct script_of_acts *s = scripts; s->name != NULL; s++) {
        if (w->script != NULL && strcmp(w->script, s->name) != 0)
            continue;
        for (int k = 0; k < LANES; k++) {
            if (w->server != NULL && strcmp(w->server, lane_names[k]) != 0)
                continue;
            play(&lanes[k], (enum mechanism_kind)k, w, s);
            if (trace != NULL)
                trace_write(trace, s->name, &lanes[k]);
            played++;
        }
        if (page != NULL && w->server == NULL)
            page_script(page, (int)(s - scripts) + 1, s, lanes);
        if (picture != NULL && w->server == NULL)
            picture_script(picture, s->name, lanes);
        for (int k = 0; k < LANES; k++)
            lane_forget(&lanes[k]);
    }
    if (page != NULL)
        page_end(page);
    if (picture != NULL)
        picture_end(picture);
    check(picture == NULL || fclose(picture) == 0, "cannot write '%s'", w->picture);
    check(page == NULL || fclose(page) == 0, "cannot write '%s'", w->page);
    check(trace == NULL || fclose(trace) == 0, "cannot write '%s'", w->trace);
    return played;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "picture", required_argument, NULL, 'i' }, { "page", required_argument, NULL, 'p' },
        { "trace", required_argument, NULL, 't' }, { "script", required_argument, NULL, 's' },
        { "server", required_argument, NULL, 'v' }, { "build", required_argument, NULL, 'b' },
        { "crook", required_argument, NULL, 'c' }, { "allowed", no_argument, NULL, 'a' },
        { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 }
    };
    struct wanted w = { .build = "build" };
    int option;

    command_begin();
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        switch (option) {
        case 'i': w.picture = optarg; break;
        case 'p': w.page = optarg; break;
        case 't': w.trace = optarg; break;
        case 's': w.script = optarg; break;
        case 'v': w.server = optarg; break;
        case 'b': w.build = optarg; break;
        case 'c': books_crook = optarg; break;
        case 'a': return tracee_allowed() ? EXIT_SUCCESS : EXIT_FAILURE;
        case 'h': fputs(usage, stdout); return command_end(EXIT_SUCCESS);
        default: fputs(usage, stderr); return 2;
        }
    if (!tracee_allowed()) {
        fprintf(stderr, "replay: this system does not let a program be traced (ptrace(2),"
                " pidfd_getfd(2), Linux 5.6, 64 bits): a container may need --cap-add SYS_PTRACE\n");
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    brood_tidy(SIGKILL, NULL);
    command_descriptors();
    if (play_all(&w) > 0)
        return command_end(EXIT_SUCCESS);
    fprintf(stderr, "replay: no script or server of that name\n");
    return 2;
}
