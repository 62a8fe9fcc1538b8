/* same - do all servers send the same bytes? The same random scripts are played to
 * each, cut at the same random places, and every reply stream is held against the
 * oracle's: so they are the same as each other's, too.
 *
 *     $ build/tests/same build/select_server build/poll_server
 *     ok same/default
 *     ok same/read-size-1
 *     ok same/small-buffers
 *
 *     $ build/tests/same --seed 42 --only 17 'my_server {port}'
 *
 * The seed is fixed, so that a run can be repeated; a FAIL line names the server and
 * the script. Exit: 0 when all is well, 1 after a FAIL, 2 after bad usage. */
#define _GNU_SOURCE
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/command.h"
#include "../lib/guard.h"
#include "../lib/launch.h"
#include "../lib/script.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_WORDS = 16, MOST_CUTS = 30 };

struct choice {
    unsigned long seed;
    long scripts, only; /* only: -1 = all */
    char **commands;
};

struct batch {
    const char *name, *options;
    const struct choice *choice;
};

/* xorshift64* (Vigna 2016): small, and the same on every machine. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

static size_t below(uint64_t *state, size_t n)
{
    return (size_t)((next(state) >> 11) % n);
}

/* A number of any length, near the limits of int64 more often than not. */
static int put_number(char *to, size_t room, uint64_t *state)
{
    static const char *const edges[] = {
        "0", "1", "-1", "2", "7", "-7", "10", "3037000500", "-3037000500", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "+9223372036854775807", "00000000000000000000012"
    };
    int64_t any = (int64_t)next(state) >> below(state, 64);

    if (below(state, 3) == 0)
        return snprintf(to, room, "%s",
                        edges[below(state, sizeof edges / sizeof *edges)]);
    return snprintf(to, room, below(state, 8) ? "%" PRId64 : "%+" PRId64, any);
}

/* A sum; one in four has a byte changed, added or taken away. */
static void add_sum(struct script *t, uint64_t *state)
{
    char payload[120];
    size_t at, len = (size_t)put_number(payload, 40, state);

    len += (size_t)sprintf(payload + len, " %c ", "+-*/%^@ x"[below(state, 32) % 10]);
    len += (size_t)put_number(payload + len, 40, state);
    at = below(state, len);
    switch (below(state, 12)) {
    case 0: payload[at] = (char)next(state); break;
    case 1: payload[at] = ' '; break;
    case 2: memmove(payload + at, payload + at + 1, --len - at); break;
    default: break;
    }
    script_add_frame(t, payload, len);
}

/* A payload of any bytes, now and then of a length near the limit. */
static void add_any_payload(struct script *t, uint64_t *state)
{
    char payload[4096];
    size_t len = below(state, 60) ? below(state, 40) : 4095 - below(state, 3);

    for (size_t i = 0; i < len; i++)
        payload[i] = below(state, 4) ? "@ 0123456789+-*/%"[below(state, 17)]
                                     : (char)next(state);
    script_add_frame(t, payload, len);
}

static void add_white_space(struct script *t, uint64_t *state)
{
    for (size_t n = below(state, 6); n-- > 0;)
        script_add(t, &" \t\r\n\n"[below(state, 5)], 1);
}

/* Something that is no frame, or may be none; whatever follows it. */
static void add_rubbish(struct script *t, uint64_t *state)
{
    static const char *const heads[] = {
        "@", "x", "00", "007@", "4096", "99999", "1@ab", "5@1 + 1x", "-1@", " +1@", "9",
        "GET / HTTP/1.1\r\n", "40", "4095", "4095@12", "0", "0@"
    };

    script_add_text(t, heads[below(state, sizeof heads / sizeof *heads)]);
    for (size_t n = below(state, 500); n-- > 0;)
        script_add(t, &"9@10 + 1234@\n "[below(state, 14)], 1);
}

/* Requests, and an end: clean, cut off anywhere, rubbish, or one byte flipped. */
static void make_script(struct script *t, uint64_t *state)
{
    for (size_t n = below(state, below(state, 16) ? 60 : 1000); n-- > 0;)
        switch (below(state, 8)) {
        case 0: add_any_payload(t, state); break;
        case 1:
        case 2: add_white_space(t, state); break;
        default: add_sum(t, state); break;
        }
    switch (t->len ? below(state, 4) : 2) {
    case 0: t->len = below(state, t->len + 1); break;
    case 1: t->bytes[below(state, t->len)] = (char)next(state); break;
    case 2: add_rubbish(t, state); break;
    default: break;
    }
    script_ready(t, CLIENT_FINISHES);
}

/* Sends some in pieces that the server sees one by one, then plays the rest. */
static void play(const struct script *t, const struct server *s, uint64_t state)
{
    size_t cuts = below(&state, 3) ? below(&state, MOST_CUTS) : 0, sent = 0;
    int fd = client_open(s);

    for (size_t i = 0; i < cuts && sent < t->len; i++) {
        size_t left = t->len - sent, most = below(&state, 2) ? 8 : 400;
        size_t n = 1 + below(&state, left < most ? left : most);
        ssize_t taken = send(fd, t->bytes + sent, n, MSG_NOSIGNAL);

        if (taken < 0)
            break; /* the rest of the play tells what is wrong */
        sent += (size_t)taken;
        server_settle(s);
    }
    script_play_rest(t, sent, fd);
}

static void play_to(const struct batch *b, char *command)
{
    char *words[MOST_WORDS + 1] = { NULL }, *copy = strdup(command);
    const struct choice *c = b->choice;
    struct server s;
    int n = 0;

    for (char *w = strtok(copy, " "); w && n < MOST_WORDS; w = strtok(NULL, " "))
        words[n++] = w;
    check_about("%s: ", command);
    server_start(&s, words, b->options);
    for (long i = 0; i < c->scripts; i++) {
        uint64_t state = c->seed * 1000003 + (uint64_t)i + 1;
        struct script t = { 0 };

        if (c->only >= 0 && i != c->only)
            continue;
        check_about("%s, --seed %lu --only %ld: ", command, c->seed, i);
        make_script(&t, &state);
        play(&t, &s, state);
        script_free(&t);
    }
    check_about("%s: ", command);
    server_stop(&s);
    free(copy);
}

static void run_batch(void *argument)
{
    const struct batch *b = argument;

    for (char **command = b->choice->commands; *command; command++)
        play_to(b, *command);
}

static const char usage[] =
    "usage: same [options] SERVER-COMMAND...     (each in one argument)\n"
    "  -S, --seed N     other scripts (1)\n"
    "  -n, --scripts N  so many (150)\n"
    "  -o, --only N     only the Nth of them\n"
    "  -h, --help       this text\n";

static void parse_options(struct choice *c, int argc, char *argv[])
{
    static const struct option names[] = { { "seed", required_argument, NULL, 'S' },
                                           { "scripts", required_argument, NULL, 'n' },
                                           { "only", required_argument, NULL, 'o' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int letter;

    while ((letter = getopt_long(argc, argv, "S:n:o:h", names, NULL)) != -1)
        if (letter == 'S')
            c->seed = (unsigned long)command_whole("--seed", optarg, 0, UINT32_MAX);
        else if (letter == 'n')
            c->scripts = (long)command_whole("--scripts", optarg, 1, 1000000);
        else if (letter == 'o')
            c->only = (long)command_whole("--only", optarg, 0, 1000000);
        else if (letter != 'h')
            exit(2); /* getopt has named the bad option */
        else {
            fputs(usage, stdout);
            exit(command_end(0));
        }
    c->commands = argv + optind;
}

int main(int argc, char *argv[])
{
    struct choice c = { .seed = 1, .scripts = 150, .only = -1 };
    struct batch batches[] = { { "same/default", "", &c },
                               { "same/read-size-1", "--read-size 1", &c },
                               { "same/small-buffers", "--rcvbuf 1 --sndbuf 1", &c } };
    const size_t n = sizeof batches / sizeof *batches;
    bool failed = false;

    command_begin();
    parse_options(&c, argc, argv);
    if (!*c.commands)
        command_refuse("no server command given");
    for (size_t i = 0; i < n; i++)
        check_start(batches[i].name, 120, run_batch, &batches[i]);
    for (size_t i = 0; i < n; i++)
        failed |= check_reap() == CHECK_FAIL;
    return command_end(failed);
}
