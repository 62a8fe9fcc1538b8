/* Each mode of badclient, with each service: does it end well, and is the server as
 * before when it is over? */
#define _GNU_SOURCE
#include "rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *begin_badclient(const struct server *s, const char *options)
{
    const struct sockaddr_in *address = (const struct sockaddr_in *)&s->address;
    char command[5000];
    FILE *output;

    /* exec: what dies with us is badclient, not a shell before it. */
    snprintf(command, sizeof command, "exec %s %s -s %s %d 2>&1",
             behind_path("../badclient"), options, s->service,
             ntohs(address->sin_port));
    output = popen(command, "re");
    check(output != NULL, "cannot run badclient: %s", strerror(errno));
    return output;
}

/* Fails with its last words if it does not end well. */
static void end_badclient(FILE *output, const char *options)
{
    char words[3000] = "";
    int status;

    for (size_t n = 0; n < sizeof words - 1; ) {
        size_t got = fread(words + n, 1, sizeof words - 1 - n, output);

        if (got == 0)
            break;
        words[n += got] = '\0';
    }
    status = pclose(output);
    check(status == 0, "badclient %s: %s", options, words);
}

static void run_badclient(const struct server *s, const char *options)
{
    end_badclient(begin_badclient(s, options), options);
}

static void treat_badly(char *const command[], const char *service, const char *options)
{
    struct server s;
    char service_option[20];
    int usual;

    behind_nothing();
    snprintf(service_option, sizeof service_option, "-s %s", service);
    server_start(&s, command, service_option);
    usual = server_descriptors(&s);
    run_badclient(&s, options);
    server_expect_descriptors(&s, usual);
    server_expect_calm(&s, 0.05);
    server_stop(&s);
}

static void treat_all(char *const command[], const char *options)
{
    treat_badly(command, "calc", options);
    treat_badly(command, "echo", options);
}

#define MODE(name, options)                                                     \
    static void name(char *const command[])                                     \
    {                                                                           \
        treat_all(command, options);                                            \
    }

MODE(slow_reader, "slow-reader -n 2 -d 0.2")
MODE(trickle, "trickle -d 0.3")
MODE(split, "split")
MODE(rst, "rst")
MODE(half_close, "half-close")
MODE(flood, "flood -n 3 -d 0.3")
MODE(idle, "idle -n 300 -d 0.1")
MODE(garbage, "garbage")
MODE(oob, "oob")
MODE(vanish, "vanish")

/* More of them than select_server has bits for. */
static void hog(char *const command[])
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 1300)
        check_skip("needs a hard RLIMIT_NOFILE of 1,300; raise it with ulimit -Hn");
    treat_all(command, "hog-descriptors -n 1200 -d 0.1");
}

/* The house runs out of descriptors while it serves (unlike with -c, which refuses in
 * time). Does it not spin, and serve all who wait once there is room? */
static void hogged(char *const command[])
{
    enum { ROOM = 40 };
    static const char options[] = "hog-descriptors -n 200 -d 2";
    struct server s;
    FILE *badclient;
    int usual;

    server_start(&s, command, "");
    usual = server_descriptors(&s);
    server_limit_descriptors(&s, ROOM);
    badclient = begin_badclient(&s, options);
    for (double end = guard_end(); server_descriptors(&s) < ROOM; )
        guard_pause(end, "the server to be out of descriptors");
    server_expect_calm(&s, 0.3); /* the clients have asked, and wait until badclient leaves */
    end_badclient(badclient, options);
    server_expect_descriptors(&s, usual);
    server_stop(&s);
}

const struct row badclient_rows[] = {
    { "badclient-slow-reader", slow_reader },
    { "badclient-trickle", trickle },
    { "badclient-split", split },
    { "badclient-rst", rst },
    { "badclient-half-close", half_close },
    { "badclient-hog-descriptors", hog },
    { "badclient-hog-no-descriptors-left", hogged },
    { "badclient-flood", flood },
    { "badclient-idle", idle },
    { "badclient-garbage", garbage },
    { "badclient-oob", oob },
    { "badclient-vanish", vanish },
    { NULL, NULL }
};
