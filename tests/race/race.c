/* race - the four servers under the same load, live.
 *
 *     $ build/race
 *
 * All servers run at once, each with its own clients, and only one of them is asked at a time:
 * for some hundredths of a second, then the next, as in tests/bench/slices.c, so that they can
 * be compared on a machine of two processors that others use too.  A second of the race is some
 * rounds of such turns.  docs/race.md is the page of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "../lib/command.h"
#include "options.h"
#include "panel.h"
#include "rows.h"
#include "screen.h"

static const double round_seconds = 0.2;
static const int words_last = 20;   /* seconds */

static struct options options;
static struct lane lanes[SERVERS_MAX];
static struct standing standings[SERVERS_MAX];
static struct view view;
static struct canvas canvas;
static struct stage *stages;
static int stage_count;
static char words[400];
static FILE *record;                /* the JSON so far: a file is written at the end only */
static char *record_text;
static size_t record_size;
static int words_till;              /* a second of the race */
static bool quit, restart, changed; /* changed: the second that is under way cannot be used */

static const char what_is_seen[] =
    "The same load for each, in turns of a fraction of a second. The bars of a block have one"
    " scale. At the right is the last minute.";

/* In a signal handler, too. */
static void tidy(void)
{
    screen_close();
    if (options.json_made)
        unlink(options.json_name);
}

static void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    words_till = view.seconds + words_last;
    if (!options.screen)
        fprintf(stderr, "race: %s\n", words);
}

static void draw(void)
{
    int rows, columns;

    if (!options.screen)
        return;
    for (int i = 0; i < options.count; i++)
        standings[i] = lanes[i].standing;
    view.words = words[0] != '\0' ? words : what_is_seen;
    screen_size(&rows, &columns);
    if (canvas_make(&canvas, rows, columns)) {
        panel_draw(&canvas, &view);
        screen_show(&canvas);
    }
}

/* Up to which number; beyond it is said. */
static int bounded(int n, int least, int most)
{
    if (n > most)
        say("%d clients a server are what the descriptors of this program allow: see ulimit -Hn",
            options.most);
    return n < least ? least : n > most ? most : n;
}

static void change_service(const char *to)
{
    static const char *const all[] = { "calc", "echo", "http" };
    int i = 0;

    for (int s = 0; s < options.count; s++)
        if (strstr(options.commands[s], "{service}") == NULL) {
            say("%s has one service: there is no {service} in its command", options.names[s]);
            return;
        }
    while (strcmp(all[i], to[0] != '\0' ? to : view.load.service) != 0)
        i++;
    view.load.service = all[to[0] != '\0' ? i : (i + 1) % 3];
    restart = changed = true;
}

static void change(int *number, int to)
{
    changed |= *number != to;
    *number = to;
}

static void do_step(const struct step *s)
{
    struct load *l = &view.load;
    int rows, columns;

    switch (s->action) {
    case DO_NOTHING: break;
    case DO_IDLE:
        change(&l->idle, bounded(step_number(s, l->idle), 0, options.most - l->active));
        break;
    case DO_ACTIVE:
        change(&l->active, bounded(step_number(s, l->active), 1, options.most - l->idle));
        break;
    case DO_DEPTH:
        change(&l->depth, step_number(s, l->depth) < 1 ? 1
               : step_number(s, l->depth) > DEPTH_MAX ? DEPTH_MAX : step_number(s, l->depth));
        break;
    case DO_SERVICE: change_service(s->text); break;
    case DO_SAY: say("%s", s->text); break;
    case DO_ASK:
        say("%s%s", s->text, options.screen ? "  (space: go on)" : "");
        view.paused = options.screen;
        break;
    case DO_PAUSE: view.paused = !view.paused; break;
    case DO_PAGE:
        screen_size(&rows, &columns);
        view.first = (view.first + panel_figures(rows, columns, options.count)) % FIGURES;
        break;
    case DO_QUIT: quit = true; break;
    }
}

/* Between two turns: keys and signals.  False if the second that is under way is of no use. */
static bool attend(void)
{
    do {
        struct step s = { .action = DO_NOTHING };

        if (!options.screen)
            return !quit;
        changed |= screen_stops();
        s = step_of_key(screen_key(view.paused ? 0.1 : 0));
        do_step(&s);
        if (s.action != DO_NOTHING || screen_resized())
            draw();
    } while (view.paused && !quit);
    return !quit && !changed;
}

/* A server has refused clients: how many it serves, and where it is known, why. */
static void say_full(const struct lane *l)
{
    char served[FIGURE_TEXT], wanted[FIGURE_TEXT];
    bool by_size = strcmp(l->mechanism, "select") == 0
                   && process_descriptors(&l->process).top_socket >= FD_SETSIZE - 64;

    count_text(served, l->standing.clients);
    count_text(wanted, view.load.active + view.load.idle);
    say("%s is full: it serves %s of %s clients, and refuses more.%s", l->standing.name,
        served, wanted, by_size ? " It cannot watch a descriptor of FD_SETSIZE (1,024) or more:"
        " the sets have no bits for it." : "");
}

/* Stops those that have failed since this was last asked.  Returns how many still run. */
static int stop_failed(void)
{
    static bool said[SERVERS_MAX];
    int left = 0;

    for (int i = 0; i < options.count; i++) {
        if (lanes[i].standing.out == NULL) {
            left++;
        } else if (!said[i]) {
            say("%s is out of the race: %s", lanes[i].standing.name, lanes[i].standing.out);
            lane_stop(&lanes[i]);       /* one that spins would disturb the others */
        }
        said[i] = lanes[i].standing.out != NULL;
    }
    return left;
}

static void start_all(void)
{
    lanes_ask(view.load.service);
    for (int i = 0; i < options.count; i++)
        lane_start(&lanes[i], view.load.service, options.most);
}

static void stop_all(void)
{
    for (int i = 0; i < options.count; i++)
        lane_stop(&lanes[i]);
}

/* Every server gets the load as it is now. */
static void fit_all(void)
{
    if (restart) {
        stop_all();
        start_all();
        restart = false;
    }
    for (int i = 0; i < options.count; i++) {
        bool was_full = lanes[i].standing.full;

        lane_fit(&lanes[i], &view.load);
        if (lanes[i].standing.full && !was_full)
            say_full(&lanes[i]);
    }
    changed = false;
}

/* A second, in turns.  False if it was broken off. */
static bool run_second(void)
{
    double turn = round_seconds / options.count, end = now() + 1;

    for (int i = 0; i < options.count; i++)
        lane_begin(&lanes[i]);
    do
        for (int i = 0; i < options.count; i++) {
            lane_turn(&lanes[i], &view.load, turn);
            if (!attend())
                return false;
        }
    while (now() < end);
    for (int i = 0; i < options.count; i++)
        lane_end(&lanes[i]);
    return true;
}

static bool same_load(const struct load *a, const struct load *b)
{
    return strcmp(a->service, b->service) == 0 && a->active == b->active && a->idle == b->idle
           && a->depth == b->depth;
}

/* The second goes into the table at the end, the rows, and the screen. */
static void note_second(void)
{
    struct stage *s = stage_count > 0 ? &stages[stage_count - 1] : NULL;

    view.seconds++;
    if (s == NULL || !same_load(&s->load, &view.load)) {
        stages = realloc(stages, (size_t)(stage_count + 1) * sizeof *stages);
        if (stages == NULL)
            abort();
        s = &stages[stage_count++];
        *s = (struct stage){ .load = view.load };
    }
    s->seconds++;
    for (int i = 0; i < options.count; i++) {
        tally_add(&s->tallies[i], &lanes[i].second);
        s->clients[i] = lanes[i].standing.clients;
    }
    rows_json_second(record, &view.load, view.seconds, lanes, options.count);
    if (!options.screen && options.json != stdout)
        rows_second(stdout, &view.load, view.seconds, lanes, options.count);
    if (view.seconds >= words_till)
        words[0] = '\0';
    draw();
}

static void on_pipe(int sig) { (void)sig; }     /* a reader that has gone is seen by errno */

static void prepare(void)
{
    struct sigaction a = { .sa_handler = on_pipe };

    sigaction(SIGPIPE, &a, NULL);   /* and not SIG_IGN, which the servers would inherit */
    process_tidy(tidy);
    lanes_pin();
    record = open_memstream(&record_text, &record_size);
    if (record == NULL)
        abort();
    view = (struct view){ .load = options.load, .count = options.count, .servers = standings };
    for (int i = 0; i < options.count; i++) {
        lanes[i].command = options.commands[i];
        lanes[i].standing.name = options.names[i];
        for (int k = 0; k < MINUTE; k++)
            for (int f = 0; f < FIGURES; f++)
                lanes[i].standing.past[k][f] = NAN;
    }
}

static void race(void)
{
    const struct step *step;

    for (;;) {
        while (!quit && (step = script_due(&options.script, view.seconds)) != NULL) {
            do_step(step);
            draw();
            attend();               /* as long as a question is asked */
        }
        if (quit || (options.duration > 0 && view.seconds >= options.duration))
            return;
        fit_all();
        if (run_second())
            note_second();
        if (stop_failed() == 0)
            return;
        if (ferror(stdout))
            return;
    }
}

/* Returns false, with a line, if it cannot be written. */
static bool write_record(void)
{
    rows_json_end(record);
    fclose(record);
    if (options.json == NULL)
        return true;
    if (options.json != stdout && ftruncate(fileno(options.json), 0) < 0)
        errno = 0;                  /* a pipe is no file, and need not be cut */
    fwrite(record_text, 1, record_size, options.json);
    if (fflush(options.json) == 0 && !ferror(options.json))
        return true;
    fprintf(stderr, "race: --json %s cannot be written: %s\n", options.json_name,
            strerror(errno));
    return false;
}

/* What is left when the screen has gone.  Returns the exit status. */
static int report(void)
{
    int status = 0;

    for (int s = 0; options.screen && s < stage_count; s++)
        rows_stage(stdout, &stages[s], lanes, options.count);
    for (int i = 0; i < options.count; i++)
        if (lanes[i].standing.out != NULL) {
            if (options.screen)     /* rows have said it */
                fprintf(stderr, "race: %s is out of the race: %s\n", lanes[i].standing.name,
                        lanes[i].standing.out);
            status = 1;
        }
    if (stage_count == 0) {
        fputs("race: nothing was measured: no second was complete\n", stderr);
        if (options.json_made)
            unlink(options.json_name);
        return 1;
    }
    return write_record() ? status : 1;
}

int main(int argc, char **argv)
{
    command_begin();
    options_parse(&options, argc, argv);
    prepare();
    rows_json_begin(record, lanes, options.count);
    start_all();
    stop_failed();
    if (options.screen) {
        canvas.ascii = screen_ascii();
        canvas.colour = screen_colour();
        screen_open();
        draw();
    } else if (options.json != stdout) {
        rows_head(stdout);
    }
    race();
    screen_close();
    stop_all();
    return command_end(report());
}
