#define _GNU_SOURCE
#include "loadgen_options.h"

#include "../lib/command.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const services[] = {"calc", "echo", "http"};
static const char *const modes[] = {"closed", "open", "churn"};

const char *service_name(enum service s)
{
    return services[s];
}

const char *mode_name(enum mode m)
{
    return modes[m];
}

static void help(void)
{
    fputs("usage: loadgen [options] PORT | HOST:PORT        (HOST: loopback only)\n"
          "Loads a server, verifies every reply, and says how long replies took.\n"
          "  -s, --service NAME    calc, echo or http                      (calc)\n"
          "  -c, --active N        connections that ask                      (10)\n"
          "  -I, --idle N          connections that ask once and stay         (0)\n"
          "  -d, --duration SEC    measure this long                          (2)\n"
          "  -n, --requests N      or: ask exactly so many, without warm-up\n"
          "  -w, --warmup SEC      load this long before measuring          (0.5)\n"
          "  -P, --pipeline N      requests under way on a connection         (1)\n"
          "  -m, --bytes N         size of an echo message, 1 to 65536       (64)\n"
          "  -R, --rate N          open loop: N requests a second, each due at its\n"
          "                        time; latency counts from when it was due\n"
          "      --churn           a connection for each request\n"
          "  -t, --timeout SEC     wait so long for a sign of the server      (5)\n"
          "      --may-refuse N    up to N refused connections are no failure (0)\n"
          "      --pid PID         read this server's CPU time and memory\n"
          "      --json FILE       write the result as JSON; - is stdout\n"
          "      --seed N          of the random sums and bytes               (1)\n"
          "  -q, --quiet           no report, no live line\n"
          "  -h, --help\n"
          "Ctrl-C ends it early, with the report of what was found so far.\n"
          "Exit: 0 all replies right; 1 wrong, missing, late or refused, or nothing\n"
          "measured, or -n stopped before N, or not written; 2 usage.\n",
          stdout);
}

static enum service service_of(const char *text)
{
    for (unsigned k = 0; k < sizeof services / sizeof services[0]; k++)
        if (strcmp(text, services[k]) == 0)
            return (enum service)k;
    command_refuse("--service: '%s' is none of calc, echo, http", text);
}

/* Whether somebody listens there.  Over loopback, connect does not wait. */
static int answers(const void *address, socklen_t size, sa_family_t family)
{
    struct linger reset = {1, 0};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = fd >= 0 && connect(fd, address, size) == 0;

    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    return yes;
}

/* localhost has two addresses: the second is taken if nobody is at the first. */
static const char *localhost(in_port_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port,
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return !answers(&v4, sizeof v4, AF_INET) && answers(&v6, sizeof v6, AF_INET6)
           ? "::1" : "127.0.0.1";
}

/*
 * Names are not looked up, and no other machine is let through: what loads a
 * server is an attack on one that did not ask for it.
 */
static void set_target(struct options *o, const char *text)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&o->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&o->address;
    const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
    char host[48] = "127.0.0.1";
    size_t length = colon ? (size_t)(colon - text) : 0;
    in_port_t number = htons((in_port_t)command_whole("PORT", port, 1, 65535));

    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (colon)
        snprintf(host, sizeof host, "%.*s", (int)length, text);
    if (strcmp(host, "localhost") == 0)
        strcpy(host, localhost(number));
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1
        && ntohl(v4->sin_addr.s_addr) >> 24 == 127) {
        v4->sin_family = AF_INET;
        v4->sin_port = number;
        o->address_size = sizeof *v4;
        snprintf(o->target, sizeof o->target, "%s:%u", host, ntohs(number));
    } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1
               && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = number;
        o->address_size = sizeof *v6;
        snprintf(o->target, sizeof o->target, "[%s]:%u", host, ntohs(number));
    } else {
        command_refuse("'%s' is no loopback address (127.x.x.x, ::1, localhost), and others are"
            " not loaded: it would be an attack on them", host);
    }
}

enum { OPT_CHURN = 256, OPT_REFUSE, OPT_PID, OPT_JSON, OPT_SEED };

static const struct option longs[] = {
    {"service", required_argument, NULL, 's'},
    {"active", required_argument, NULL, 'c'},
    {"idle", required_argument, NULL, 'I'},
    {"duration", required_argument, NULL, 'd'},
    {"requests", required_argument, NULL, 'n'},
    {"warmup", required_argument, NULL, 'w'},
    {"pipeline", required_argument, NULL, 'P'},
    {"bytes", required_argument, NULL, 'm'},
    {"rate", required_argument, NULL, 'R'},
    {"timeout", required_argument, NULL, 't'},
    {"churn", no_argument, NULL, OPT_CHURN},
    {"may-refuse", required_argument, NULL, OPT_REFUSE},
    {"pid", required_argument, NULL, OPT_PID},
    {"json", required_argument, NULL, OPT_JSON},
    {"seed", required_argument, NULL, OPT_SEED},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void set_option(struct options *o, int option, const char *a)
{
    switch (option) {
    case 's': o->service = service_of(a); break;
    case 'c': o->active = (unsigned)command_whole("--active", a, 1, 1000000); break;
    case 'I': o->idle = (unsigned)command_whole("--idle", a, 0, 1000000); break;
    case 'd': o->seconds = command_number("--duration", a, 0.01, 3600); break;
    case 'n': o->requests = (uint64_t)command_whole("--requests", a, 1, 1000000000000000); break;
    case 'w': o->warmup = command_number("--warmup", a, 0, 3600); break;
    case 'P': o->pipeline = (unsigned)command_whole("--pipeline", a, 1, 4096); break;
    case 'm': o->bytes = (unsigned)command_whole("--bytes", a, 1, TAPE_CHUNK); break;
    case 'R': o->rate = command_number("--rate", a, 0.1, 1e7); break;
    case 't': o->timeout = command_number("--timeout", a, 0.01, 3600); break;
    case 'q': o->quiet = 1; break;
    case OPT_CHURN: o->mode = MODE_CHURN; break;
    case OPT_REFUSE: o->may_refuse = (unsigned)command_whole("--may-refuse", a, 0, 1000000); break;
    case OPT_PID: o->pid = (pid_t)command_whole("--pid", a, 1, 1000000000); break;
    case OPT_JSON: o->json = a; break;
    case OPT_SEED: o->seed = (uint64_t)command_whole("--seed", a, 0, 9000000000000000); break;
    case 'h': help(); exit(command_end(0));
    default: exit(2);           /* getopt_long has said why */
    }
}

void options_parse(struct options *o, int argc, char **argv)
{
    static const char shorts[] = "s:c:I:d:n:w:P:m:R:t:qh";
    int option;

    memset(o, 0, sizeof *o);
    o->active = 10;
    o->pipeline = 1;
    o->bytes = 64;
    o->warmup = -1;
    o->timeout = 5;
    o->seed = 1;
    while ((option = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
        set_option(o, option, optarg);
    if (argc - optind != 1)
        command_refuse("%s", optind == argc ? "which PORT or HOST:PORT?" : "more than one PORT");
    set_target(o, argv[optind]);
    if (o->rate > 0 && o->mode == MODE_CHURN)
        command_refuse("--rate and --churn exclude each other");
    if (o->pipeline > 1 && o->mode == MODE_CHURN)
        command_refuse("--pipeline: with --churn a connection asks once");
    if (o->requests && (o->seconds > 0 || o->warmup > 0))
        command_refuse("--requests goes without --duration and --warmup");
    if (o->rate > 0)
        o->mode = MODE_OPEN;
    if (o->warmup < 0)
        o->warmup = o->requests ? 0 : 0.5;
    if (!o->requests && o->seconds == 0)
        o->seconds = 2;
}
