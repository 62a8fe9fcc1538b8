/* soak - everything that tests/faults can do to a server, for as long as one likes.
 *
 *     soak [-m MINUTES | -d SECONDS] [-s SEED] COMMAND...
 *
 *     $ build/tests/soak -m 2 build/poll_server
 *     poll_server: 1.0 min: 31 rounds, 7 descriptors, 1980 KiB, a reply in 21 us
 *     poll_server: 2.0 min: 63 rounds, 7 descriptors, 1984 KiB, a reply in 20 us
 *     ok soak/poll_server
 *
 * A round is one to three clients at once, drawn by the seed: a mode of badclient, or
 * loadgen. After each the server has to be as it was: the same descriptors, and no more
 * memory or a slower reply than after the first tenth of the time (WARM_UP), but for a
 * margin. The reply's time is the least of many, in a silent house: what grows in it is
 * the server's work and not the machine's mood.
 */
#define _GNU_SOURCE
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_UP 0.1 /* of the time */

enum {
    AT_ONCE = 3,
    ASKED = 300,         /* replies timed after a round */
    MORE_MEMORY = 2048,  /* KiB that may come with time: the allocator's */
    MORE_TIME = 200      /* us, on top of three times the first */
};

struct soak {
    char **command;
    const char *name, *folder;
    double seconds;
    unsigned seed;
};

struct measure {
    int descriptors;
    long memory; /* KiB */
    long reply;  /* us */
};

/* So few of each that any AT_ONCE of them fit into select's FD_SETSIZE: who is rightly told
 * that the house is full would count as a failure here. */
static const char *const clients[] = {
    "badclient slow-reader -n 2 -d 0.3", "badclient trickle -d 0.5",
    "badclient split", "badclient rst", "badclient half-close",
    "badclient hog-descriptors -n 240 -d 0.2", "badclient flood -n 3 -d 0.5",
    "badclient idle -n 240 -d 0.2", "badclient garbage", "badclient oob",
    "badclient vanish", "loadgen -c 50 -P 8 -d 0.5 -w 0",
    "loadgen -c 20 --churn -d 0.3 -w 0"
};

static unsigned draw(struct soak *soak, unsigned limit)
{
    soak->seed = soak->seed * 1103515245u + 12345u; /* as POSIX's rand() example */
    return (soak->seed >> 8) % limit;
}

static FILE *start_client(struct soak *soak, const struct server *s, const char *client)
{
    const struct sockaddr_in *address = (const struct sockaddr_in *)&s->address;
    char line[5000];
    FILE *output;

    /* exec: what dies with us is the client, not a shell before it. */
    snprintf(line, sizeof line, "exec %s/%s --seed %u %d 2>&1", soak->folder, client,
             soak->seed % 100000, ntohs(address->sin_port));
    output = popen(line, "re");
    check(output != NULL, "cannot run %s: %s", line, strerror(errno));
    return output;
}

static void end_client(FILE *output, const char *client)
{
    char words[3000];
    size_t length = fread(words, 1, sizeof words - 1, output);

    words[length] = '\0';
    check(pclose(output) == 0, "%s: %s", client, words);
}

static void run_round(struct soak *soak, const struct server *s)
{
    unsigned count = 1 + draw(soak, AT_ONCE);
    const char *chosen[AT_ONCE];
    FILE *outputs[AT_ONCE];

    for (unsigned i = 0; i < count; i++) {
        chosen[i] = clients[draw(soak, sizeof clients / sizeof clients[0])];
        outputs[i] = start_client(soak, s, chosen[i]);
    }
    for (unsigned i = 0; i < count; i++)
        end_client(outputs[i], chosen[i]);
}

static long time_reply(const struct server *s)
{
    int fd = client_open(s);
    double least = 1000;

    for (int i = 0; i < ASKED; i++) {
        double start = guard_now(), took;

        client_ask(fd);
        took = guard_now() - start;
        if (took < least)
            least = took;
    }
    close(fd);
    return (long)(least * 1e6);
}

static struct measure measure(const struct server *s)
{
    struct measure m;

    m.reply = time_reply(s);
    m.memory = server_memory(s);
    m.descriptors = server_descriptors(s);
    return m;
}

static void compare(const struct measure *first, const struct measure *now,
                    const struct server *s)
{
    check(server_is_sanitized(s) || now->memory <= first->memory + MORE_MEMORY,
          "memory grows: %ld KiB, and %ld after the first tenth of the time",
          now->memory, first->memory);
    check(now->reply <= 3 * first->reply + MORE_TIME,
          "replies slow down: %ld us, and %ld after the first tenth of the time",
          now->reply, first->reply);
}

static void soak_server(void *argument)
{
    struct soak *soak = argument;
    double start = guard_now(), next_line = start + 60, end = start + soak->seconds;
    struct measure first = { 0, 0, 0 }, now = first;
    struct server s;
    long rounds = 0;
    int usual;

    server_start(&s, soak->command, "");
    usual = server_descriptors(&s);
    do {
        run_round(soak, &s);
        rounds++;
        server_expect_descriptors(&s, usual);
        now = measure(&s);
        if (guard_now() < start + WARM_UP * soak->seconds || rounds == 1)
            first = now;
        compare(&first, &now, &s);
        if (guard_now() > next_line || guard_now() > end) {
            printf("%s: %.1f min: %ld rounds, %d descriptors, %ld KiB, "
                   "a reply in %ld us\n",
                   soak->name, (guard_now() - start) / 60, rounds, now.descriptors,
                   now.memory, now.reply);
            fflush(stdout);
            next_line += 60;
        }
    } while (guard_now() < end);
    server_expect_descriptors(&s, usual);
    server_stop(&s);
}

int main(int argc, char **argv)
{
    struct soak soak = { .seconds = 600, .seed = 1 };
    char folder[4096], name[200];
    char *slash;
    int option;

    while ((option = getopt(argc, argv, "+m:d:s:")) != -1)
        switch (option) {
        case 'm': soak.seconds = atof(optarg) * 60; break;
        case 'd': soak.seconds = atof(optarg); break;
        case 's': soak.seed = (unsigned)atol(optarg); break;
        default: optind = argc;
        }
    if (optind >= argc || !(soak.seconds > 0)) {
        fputs("usage: soak [-m MINUTES | -d SECONDS] [-s SEED] COMMAND...\n", stderr);
        return 2;
    }
    soak.command = argv + optind;
    slash = strrchr(argv[optind], '/');
    soak.name = slash ? slash + 1 : argv[optind];
    slash = strrchr(argv[0], '/');
    snprintf(folder, sizeof folder, "%.*s/..", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    soak.folder = folder; /* of badclient and loadgen; ours is tests/ in it */
    snprintf(name, sizeof name, "soak/%s", soak.name);
    check_start(name, (unsigned)soak.seconds + 120, soak_server, &soak);
    return check_reap() == CHECK_OK ? 0 : 1;
}
