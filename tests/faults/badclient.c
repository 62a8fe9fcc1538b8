/* badclient - one client for each thing a client should not do.
 *
 *     $ build/badclient rst -n 50 8083
 *     rst: 50 connections break off with a reset, each at another moment. Nobody else
 *     should notice.
 *     Broken off: 11 unused, 9 inside a request, 20 with replies due, 10 while reading.
 *     Bystander: 38 requests, all answered rightly, the slowest in 0.9 ms.
 *     ok badclient/rst
 *
 * The server is any that speaks the protocol of docs/protocol.md and listens on this
 * machine. All the while a bystander asks and checks. Exit status: 0 when the server
 * kept its promises, 1 when it did not, 2 for bad usage. The same --seed makes the
 * same moves.
 */
#define _GNU_SOURCE
#include "badclient.h"

#include "../lib/check.h"
#include "../lib/command.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mode {
    const char *name;
    void (*run)(struct plan *plan);
    long count;
    double seconds;
    const char *summary;
};

static const struct mode modes[] = {
    { "slow-reader", mode_slow_reader, 3, 1, "asks a lot, reads nothing for SECONDS" },
    { "trickle", mode_trickle, 5, 1, "sends byte by byte, with pauses" },
    { "split", mode_split, 20, 0, "cuts the stream anywhere, or not at all" },
    { "rst", mode_rst, 200, 0, "breaks off with a reset at any moment" },
    { "half-close", mode_half_close, 10, 0, "asks 1000 times, then sends its FIN" },
    { "hog-descriptors", mode_hog_descriptors, 1500, 1, "opens as many as it can" },
    { "flood", mode_flood, 1, 2, "asks as fast as it can for SECONDS" },
    { "idle", mode_idle, 500, 1, "connects and says nothing for SECONDS" },
    { "garbage", mode_garbage, 100, 0, "sends anything but the protocol" },
    { "oob", mode_oob, 10, 0, "sends urgent data between and in requests" },
    { "vanish", mode_vanish, 20, 0, "is gone with its replies half sent" },
    { NULL, NULL, 0, 0, NULL }
};

static void print_help(void)
{
    puts("usage: badclient MODE [options] PORT | 127.0.0.1:PORT\n\n"
         "Treats a server badly, and checks that it keeps serving others. Modes:\n");
    for (const struct mode *mode = modes; mode->name; mode++)
        printf("  %-16s %-42s -n %ld\n", mode->name, mode->summary, mode->count);
    puts("\n"
         "  -n COUNT         connections (default as above)\n"
         "  -d SECONDS       for how long, where the mode has a duration (1; flood 2)\n"
         "  -s calc|echo     the server's service (calc)\n"
         "  --seed N         other cuts and moments; the same for the same N (1)\n"
         "  -v               tell more\n"
         "  -h               this page\n\n"
         "Exit status: 0 the server kept its promises, 1 it did not, 2 bad usage.");
}

/* PORT, HOST:PORT or [HOST]:PORT. Loopback only: this is no tool to send abroad. */
static void read_target(struct server *target, const char *text)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
    const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
    char host[100] = "127.0.0.1";
    const struct sockaddr_in *v4;
    const struct sockaddr_in6 *v6;

    if (colon)
        snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    if (*host == '[' && host[strlen(host) - 1] == ']') {
        host[strlen(host) - 1] = '\0';
        memmove(host, host + 1, strlen(host));
    }
    command_whole("port", port, 1, 65535);
    if (getaddrinfo(host, port, &hints, &found) != 0)
        command_refuse("there is no host '%s'", host);
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    target->address_len = found->ai_addrlen;
    freeaddrinfo(found);
    v4 = (const struct sockaddr_in *)&target->address;
    v6 = (const struct sockaddr_in6 *)&target->address;
    if (v4->sin_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 24 != 127
                                  : !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
        command_refuse("only loopback is for badclient, not '%s'", host);
}

static const struct mode *read_mode(const char *name)
{
    const struct mode *mode = modes;

    while (mode->name && strcmp(mode->name, name) != 0)
        mode++;
    if (!mode->name)
        command_refuse("there is no mode '%s'", name);
    return mode;
}

static void read_service(struct server *target, const char *name)
{
    if (strcmp(name, "calc") != 0 && strcmp(name, "echo") != 0)
        command_refuse("the service is calc or echo, not '%s'", name);
    strcpy(target->service, name);
}

static const struct mode *read_command_line(struct plan *plan, int argc, char **argv)
{
    static const struct option long_options[] = {
        { "seed", required_argument, NULL, 'S' },
        { "help", no_argument, NULL, 'h' },
        { "verbose", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 }
    };
    const struct mode *mode;
    int option;

    *plan = (struct plan){ .count = -1, .seconds = -1, .seed = 1 };
    strcpy(plan->target.service, "calc");
    while ((option = getopt_long(argc, argv, "n:d:s:vh", long_options, NULL)) != -1)
        switch (option) {
        case 'n': plan->count = (long)command_whole("-n", optarg, 1, 1000000); break;
        case 'd': plan->seconds = command_number("-d", optarg, 0, 86400); break;
        case 's': read_service(&plan->target, optarg); break;
        case 'S': plan->seed = (unsigned)command_whole("--seed", optarg, 0, 4000000000); break;
        case 'v': plan->verbose = true; break;
        case 'h': print_help(); exit(command_end(0));
        default: exit(2);
        }
    if (argc - optind != 2)
        command_refuse("a mode and a port are needed");
    mode = read_mode(argv[optind]);
    read_target(&plan->target, argv[optind + 1]);
    plan->mode = mode->name;
    if (plan->count < 0)
        plan->count = mode->count;
    if (plan->seconds < 0)
        plan->seconds = mode->seconds;
    return mode;
}

unsigned plan_random(struct plan *plan, unsigned limit)
{
    plan->seed = plan->seed * 1103515245u + 12345u; /* as POSIX's rand() example */
    return (plan->seed >> 8) % limit;
}

static void print_sentence(const char *format, va_list arguments)
{
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_sentence(format, arguments);
    va_end(arguments);
}

void plan_detail(const struct plan *plan, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (plan->verbose)
        print_sentence(format, arguments);
    va_end(arguments);
}

struct task {
    struct plan plan;
    const struct mode *mode;
};

static void run_mode(void *argument)
{
    struct task *task = argument;
    struct witness witness;

    witness_start(&witness, &task->plan);
    task->mode->run(&task->plan);
    expect_service(&task->plan);
    witness_expect_well(&witness);
}

int main(int argc, char **argv)
{
    static struct task task;
    char name[40];

    command_begin();
    task.mode = read_command_line(&task.plan, argc, argv);
    snprintf(name, sizeof name, "badclient/%s", task.mode->name);
    check_start(name, (unsigned)task.plan.seconds + 300, run_mode, &task);
    return check_reap() == CHECK_OK ? 0 : 1;
}
