#define _GNU_SOURCE
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define VERSION "muxlab 1.0"

enum { EXIT_USAGE = 2, READ_SIZE_MAX = 65536, SECONDS_MAX = 1000000000 };

/* What is not among them has only a long form. */
static const char short_options[] = ":p:b:s:c:i:f:vl:hV";

static const struct option long_options[] = {
    { "port",          required_argument, NULL, 'p' },
    { "bind",          required_argument, NULL, 'b' },
    { "service",       required_argument, NULL, 's' },
    { "max-clients",   required_argument, NULL, 'c' },
    { "idle-timeout",  required_argument, NULL, 'i' },
    { "frame-timeout", required_argument, NULL, 'f' },
    { "read-size",     required_argument, NULL, 'R' },
    { "rcvbuf",        required_argument, NULL, 'I' },
    { "sndbuf",        required_argument, NULL, 'O' },
    { "verbose",       no_argument,       NULL, 'v' },
    { "ledger",        required_argument, NULL, 'l' },
    { "help",          no_argument,       NULL, 'h' },
    { "version",       no_argument,       NULL, 'V' },
    { NULL, 0, NULL, 0 }
};

/* Status 0 only if the text could be printed. */
static _Noreturn void finish(const char *program)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: cannot write to stdout: %s\n", program, strerror(errno));
        exit(EXIT_FAILURE);
    }
    exit(EXIT_SUCCESS);
}

static _Noreturn void print_help(const char *program, const char *port, const char *own)
{
    printf("usage: %s [options] [PORT]\n\n"
"  -p, --port PORT          port to serve, 0 lets the kernel choose (%s)\n"
"  -b, --bind ADDR          address or host name, IPv4 or IPv6 (127.0.0.1)\n"
"  -s, --service NAME       calc, echo or http (calc)\n"
"  -c, --max-clients N      serve N at a time, refuse one more (all there can be)\n"
"  -i, --idle-timeout SEC   close a client silent for this long, 0 never (600)\n"
"  -f, --frame-timeout SEC  time for a request to become complete, 0 never (30)\n"
"      --read-size BYTES    the most that one recv takes, 1 to 65536 (16384);\n"
"                           a client's buffer ends at %d, and so does a read\n"
"      --rcvbuf BYTES       SO_RCVBUF of clients (the kernel's)\n"
"      --sndbuf BYTES       SO_SNDBUF of clients (the kernel's)\n"
"  -v, --verbose            tell of connections on stderr; -vv of every wakeup\n"
"                           (a terminal stopped by Ctrl-S may stop the server)\n"
"  -l, --ledger FILE        write the ledger as JSON at exit, - is stdout\n"
"  -h, --help               this text\n"
"  -V, --version            the version\n"
"%s\n"
"Then type: telnet 127.0.0.1 %s, and  9@10 + 1234@  (read 6@1244 0@)\n"
"Ctrl-C stops gracefully, a second one immediately; SIGUSR1 shows the ledger.\n",
           program, port, BUFFER_IN, own, port);
    finish(program);
}

static _Noreturn void fail(const struct options *o, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", o->program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "; -h shows the options\n");
    exit(EXIT_USAGE);
}

long options_number(const struct options *o, const char *what, const char *text, long least,
                    long most)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    /* strtol accepts white space and a sign. */
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least
        || value > most)
        fail(o, "%s '%s' is not a number from %ld to %ld", what, text, least, most);
    return value;
}

/* Seconds, perhaps with a fraction, as nanoseconds. */
static int64_t parse_seconds(const struct options *o, const char *what, const char *text)
{
    size_t plain = strspn(text, "0123456789.");
    char *end;
    double value = strtod(text, &end);
    int64_t ns;

    /* strtod accepts "inf", "nan", hexadecimal and exponents. */
    if (plain == 0 || text[plain] != '\0' || end == text || *end != '\0'
        || value > (double)SECONDS_MAX)
        fail(o, "%s '%s' is not a number of seconds from 0 to %d", what, text,
             SECONDS_MAX);
    ns = (int64_t)(value * (double)CLOCK_SECOND);
    return ns == 0 && value > 0 ? 1 : ns;     /* 0 means never */
}

static void set_port(struct options *o, const char *text)
{
    if (o->port != NULL)
        fail(o, "the port is given twice: '%s' and '%s'", o->port, text);
    options_number(o, "port", text, 0, 65535);
    o->port = text;
}

/* A start that fails later on must not have cut an earlier ledger: so it is opened to append,
 * and program_announce cuts it. */
static FILE *open_ledger(const struct options *o, const char *path)
{
    FILE *f;

    if (strcmp(path, "-") == 0)
        return stdout;
    f = fopen(path, "ae");
    if (f == NULL)
        fail(o, "cannot write the ledger to '%s': %s", path, strerror(errno));
    return f;
}

static void parse_option(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'p': set_port(o, value); break;
    case 'b': o->host = value; break;
    case 's':
        if (!service_find(value, &o->service))
            fail(o, "service '%s' is none of calc, echo, http", value);
        break;
    case 'c':
        o->max_clients = options_number(o, "--max-clients", value, 1, LONG_MAX);
        break;
    case 'i': o->idle_timeout = parse_seconds(o, "--idle-timeout", value); break;
    case 'f': o->frame_timeout = parse_seconds(o, "--frame-timeout", value); break;
    case 'R':
        o->read_size = (uint32_t)options_number(o, "--read-size", value, 1, READ_SIZE_MAX);
        break;
    case 'I': o->rcvbuf = (int)options_number(o, "--rcvbuf", value, 1, INT_MAX); break;
    case 'O': o->sndbuf = (int)options_number(o, "--sndbuf", value, 1, INT_MAX); break;
    case 'v': o->verbose++; break;
    case 'l':
        if (o->ledger != NULL)
            fail(o, "the ledger is given twice: '%s' is the second", value);
        o->ledger = open_ledger(o, value);
        break;
    }
}

void options_parse(struct options *o, int argc, char **argv, const char *program,
                   const char *port, const char *own)
{
    int option;

    *o = (struct options){
        .program = program,
        .host = "127.0.0.1",
        .service = SERVICE_CALC,
        .idle_timeout = 600 * CLOCK_SECOND,
        .frame_timeout = 30 * CLOCK_SECOND,
        .read_size = 16384
    };
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        switch (option) {
        case 'h':
            print_help(program, port, own);
        case 'V':
            printf("%s (%s)\n", program, VERSION);
            finish(program);
        case ':':
            fail(o, "option '%s' needs a value", argv[argc - 1]);
        case '?':
            if (optopt < 0)
                fail(o, "unknown option: '-' and the byte 0x%02x", optopt & 0xff);
            if (optopt > 0 && optopt < 256 && strchr(short_options, optopt) == NULL)
                fail(o, "unknown option '-%c'", optopt);
            fail(o, "option '%s' is unknown, unclear, or takes no value",
                 argv[optind - 1]);
        default:
            parse_option(o, option, optarg);
        }
    }
    for (; optind < argc; optind++)
        set_port(o, argv[optind]);
    if (o->port == NULL)
        o->port = port;
}
