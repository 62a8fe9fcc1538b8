/* The command line of the faulty server: see faulty.h. */
#define _GNU_SOURCE
#include "faulty.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings settings = { .fault = "", .host = "127.0.0.1", .service = "calc",
                             .port = 8080, .clients = 16000, .read_size = 16384,
                             .idle = 600, .frame = 30 };

bool has(const char *fault)
{
    return !strcmp(settings.fault, fault);
}

static _Noreturn void refuse(const char *what, const char *text)
{
    fprintf(stderr, "faulty: bad %s: %s\n", what, text);
    exit(2);
}

static double number(const char *what, const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);

    if (has("lax-numbers"))
        return value < least ? least : value;
    if (end == text || *end || !(value >= least && value <= most))
        refuse(what, text);
    return value;
}

static int whole(const char *what, const char *text, double least, double most)
{
    double value = number(what, text, least, most);

    if (value > (int)value)
        refuse(what, text);
    return (int)value;
}

static void set_port(const char *text)
{
    static bool given;

    if (given && !has("two-ports"))
        refuse("port, a second one", text);
    given = true;
    settings.port = whole("port", text, 0, 65535);
}

static void set_clients(const char *text)
{
    double n = number("max-clients", text, 1, 4e9);

    if (n > 16000 && !has("clamps-unsaid"))
        fprintf(stderr, "faulty: serving 16000 clients at most, not %s\n", text);
    settings.clients = n > 16000 ? 16000 : whole("max-clients", text, 1, 4e9);
}

void settings_parse(int argc, char *argv[])
{
    static const struct option names[] = {
        { "fault", required_argument, NULL, 'F' },
        { "port", required_argument, NULL, 'p' },
        { "bind", required_argument, NULL, 'b' },
        { "service", required_argument, NULL, 's' },
        { "max-clients", required_argument, NULL, 'c' },
        { "idle-timeout", required_argument, NULL, 'i' },
        { "frame-timeout", required_argument, NULL, 'f' },
        { "read-size", required_argument, NULL, 'r' },
        { "rcvbuf", required_argument, NULL, 'R' },
        { "sndbuf", required_argument, NULL, 'S' },
        { "verbose", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 }
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "p:b:s:c:i:f:vhV", names, NULL)) != -1)
        switch (letter) {
        case 'F': settings.fault = optarg; break;
        case 'p': set_port(optarg); break;
        case 'b': settings.host = optarg; break;
        case 's': settings.service = optarg; break;
        case 'c': set_clients(optarg); break;
        case 'i': settings.idle = number("idle-timeout", optarg, 0, 1e9); break;
        case 'f': settings.frame = number("frame-timeout", optarg, 0, 1e9); break;
        case 'r': settings.read_size = whole("read-size", optarg, 1, 65536); break;
        case 'R': settings.rcvbuf = whole("rcvbuf", optarg, 1, 1e9); break;
        case 'S': settings.sndbuf = whole("sndbuf", optarg, 1, 1e9); break;
        case 'v': settings.verbose++; break;
        case 'h':
        case 'V':
            fputs("faulty, with all options from --port to --idle-timeout\n",
                  has("help-on-stderr") ? stderr : stdout);
            exit(0);
        default: exit(2); /* getopt has named it */
        }
    for (; optind < argc; optind++)
        set_port(argv[optind]);
    settings.echo = !strcmp(settings.service, "echo");
    if (!settings.echo && strcmp(settings.service, "calc"))
        refuse("service", settings.service);
}
