/* slices - processor time per request of several echo servers, compared to the first.
 *
 *     usage: slices [options] NAME='COMMAND {port}'...
 *
 * On a machine that others use too, two runs of the same program a second apart differ by
 * a tenth. What disturbs comes and goes in seconds, so here all servers run at once, each
 * with its own clients connected, and only one of them is asked at a time: for a slice of
 * some hundredths of a second, then the next, round after round. A round's ratios compare
 * neighbours, and hundreds of rounds give a median that is good to half a per cent.
 *
 * A slice begins and ends with nothing under way, and its cost is the server's time on the
 * processor (/proc/PID/schedstat, in ns) until it sleeps again. Servers are pinned to the
 * first processor, the client to the second. Every reply byte is looked at. Loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../compare/process.h"

enum { SERVERS_MAX = 16, BATCH = 512, BYTES_MAX = 65536, PERIOD = 8191,
       SOURCES = 50,            /* 127.0.0.1 to .50, so that ports suffice */
       AT_ONCE = 1000,          /* unanswered connections with -A */
       ROUNDS_MIN = 6,          /* fewer have no median that is 95 % sure */
       STUCK_MS = 5000 };

enum work { KEEP, PACED, CHURN, ACCEPT };

static struct {
    int active, idle, depth, bytes, rounds;
    double slice;               /* seconds */
    double rate;                /* requests a second, with PACED */
    bool calc, idle_but_first;
    enum work work;
} want = { 100, 0, 1, 64, 300, 0.03, 0, false, false, KEEP };

/* A client's byte k is text[k % period], whichever request it belongs to. The period of
 * an echo is a prime, and no shorter run repeats in it, so a lost byte shows unless the
 * messages' size is a multiple of it. */
struct stream {
    size_t period, size;        /* size: bytes of one message */
    char text[PERIOD + BYTES_MAX];
};
static struct stream out, back;

struct client {
    int fd;
    size_t sent, received;      /* bytes since it connected */
};

struct server {
    const char *name;
    struct process process;
    int port, epoll;
    struct client *clients;
    double *cost;               /* µs per request, a slice each */
};
static struct server servers[SERVERS_MAX];
static int server_count;

static _Noreturn void fail(const struct server *s, const char *what)
{
    fprintf(stderr, "slices: %s%s%s", s ? s->name : "", s ? ": " : "", what);
    fprintf(stderr, errno != 0 ? ": %s\n" : "\n", strerror(errno));
    exit(1);
}

static void fill_stream(struct stream *s, const char *message, size_t size)
{
    uint32_t x = 0;

    s->size = size;
    s->period = message ? size : PERIOD;
    for (size_t k = 0; k < s->period; k++) {
        x = x * 1664525 + 1013904223;    /* a linear congruence (Numerical Recipes) */
        s->text[k] = message ? message[k] : (char)(x >> 24);
    }
    for (size_t k = s->period; k < sizeof s->text; k++)
        s->text[k] = s->text[k - s->period];
}

static double cpu_seconds(const struct server *s)
{
    char path[64];
    double ns = -1;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)s->process.pid);
    file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%lf", &ns) != 1)
        fail(s, "has no schedstat in /proc: has it ended?");
    fclose(file);
    return ns / 1e9;
}

/* Of proc_pid_stat(5), behind the name in parentheses: S is asleep. */
static bool asleep(const struct server *s)
{
    char path[64], line[512] = "", *name_end;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)s->process.pid);
    file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        fail(s, "has no stat in /proc: has it ended?");
    fclose(file);
    name_end = strrchr(line, ')');
    return name_end != NULL && strncmp(name_end, ") S", 3) == 0;
}

/* The processor time once the server sleeps for good: asleep twice, 100 µs apart, without
 * having run between.  (Of a process that runs, schedstat is not up to date.) */
static double cpu_at_rest(const struct server *s)
{
    double before = -1, after;

    for (;; before = after) {
        bool slept = asleep(s);

        after = cpu_seconds(s);
        if (slept && after == before && asleep(s))
            return after;
        if (!slept)
            after = -1;
        pause_for(100e-6);
    }
}

static void connect_to(const struct server *s, struct client *c, int number)
{
    struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
    int on = 1;

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number % SOURCES));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)s->port);
    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (c->fd < 0)
        fail(s, "socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0 ||
        connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0 ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
        fail(s, "connect");
}

/* By RST, which leaves no TIME_WAIT behind. */
static void hang_up(const struct client *c)
{
    struct linger now_or_never = { .l_onoff = 1 };

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now_or_never, sizeof now_or_never);
    close(c->fd);
}

static void ask(const struct server *s, struct client *c, size_t requests)
{
    size_t left = requests * out.size;

    while (left > 0) {
        size_t some = left < BYTES_MAX ? left : BYTES_MAX;
        ssize_t n = send(c->fd, out.text + c->sent % out.period, some, MSG_NOSIGNAL);

        if (n <= 0)
            fail(s, "send");
        c->sent += (size_t)n;
        left -= (size_t)n;
    }
}

/* Takes what came. Returns how many replies became complete. */
static size_t take(const struct server *s, struct client *c)
{
    static char bytes[BYTES_MAX];
    size_t before = c->received / back.size;
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return 0;
    errno = n == 0 ? 0 : errno;
    if (n <= 0)
        fail(s, "lost a client");
    if (memcmp(bytes, back.text + c->received % back.period, (size_t)n) != 0)
        fail(s, "wrong bytes in a reply");
    c->received += (size_t)n;
    return c->received / back.size - before;
}

static int events_of(const struct server *s, struct epoll_event *events)
{
    int n = epoll_wait(s->epoll, events, BATCH, STUCK_MS);

    errno = 0;
    if (n <= 0)
        fail(s, "replies are missing");
    return n;
}

/* Everybody asks again as soon as there is a reply, until time is over. */
static double slice_kept(struct server *s)
{
    struct epoll_event events[BATCH];
    double end = now() + want.slice, done = 0;
    size_t missing = (size_t)want.active * (size_t)want.depth;

    for (int i = 0; i < want.active; i++)
        ask(s, &s->clients[i], (size_t)want.depth);
    while (missing > 0) {
        bool more = now() < end;

        for (int i = 0, n = events_of(s, events); i < n; i++) {
            size_t replies = take(s, events[i].data.ptr);

            done += (double)replies;
            if (more)
                ask(s, events[i].data.ptr, replies);
            else
                missing -= replies;
        }
    }
    return done;
}

/* Open loop: request j is due j / rate after the start, from client j % active; one that
 * still waits for a reply delays it. The client spins. */
static double slice_paced(struct server *s)
{
    struct epoll_event events[BATCH];
    double start = now(), last_sign = start;
    long all = (long)(want.slice * want.rate), asked = 0, done = 0;

    while (done < all) {
        struct client *c = &s->clients[asked % want.active];
        double moment = now();
        int n;

        if (asked < all && asked < (long)((moment - start) * want.rate) &&
            c->sent / out.size == c->received / back.size) {
            ask(s, c, 1);
            asked++;
            last_sign = moment;
            continue;
        }
        n = epoll_wait(s->epoll, events, BATCH, 0);
        for (int i = 0; i < n; i++)
            done += (long)take(s, events[i].data.ptr);
        if (n > 0)
            last_sign = moment;
        errno = 0;
        if (moment - last_sign > STUCK_MS / 1e3)
            fail(s, "replies are missing");
    }
    return (double)done;
}

/* A connection a request; ACCEPT holds each open until the slice's cost is known. */
static double slice_connecting(struct server *s)
{
    struct epoll_event events[BATCH];
    double end = now() + want.slice;
    bool churn = want.work == CHURN;
    int opened = 0, missing = 0, most = churn || want.active < AT_ONCE ? want.active : AT_ONCE;

    for (; opened < most; opened++, missing++) {
        connect_to(s, &s->clients[opened], opened);
        ask(s, &s->clients[opened], 1);
    }
    while (missing > 0) {
        bool more = churn ? now() < end : opened < want.active;

        for (int i = 0, n = events_of(s, events); i < n; i++) {
            struct client *c = events[i].data.ptr;

            if (take(s, c) == 0)
                continue;
            missing--;
            if (churn)
                hang_up(c);
            if (more && (churn || opened < want.active)) {
                c = churn ? c : &s->clients[opened];
                connect_to(s, c, opened++);
                ask(s, c, 1);
                missing++;
            }
        }
    }
    return opened;
}

static void slice(struct server *s, int round)
{
    double before = cpu_at_rest(s), done, spent;

    done = want.work == KEEP ? slice_kept(s)
           : want.work == PACED ? slice_paced(s) : slice_connecting(s);
    spent = cpu_at_rest(s) - before;
    errno = 0;
    if (spent <= 0)
        fail(s, "used no processor time");
    if (want.work == ACCEPT) {
        for (int i = 0; i < want.active; i++)
            hang_up(&s->clients[i]);
        cpu_at_rest(s);    /* its farewell is not to run in the next one's slice */
    }
    s->cost[round] = spent / done * 1e6;
}

/* The first round only warms up. */
static void slice_all(void)
{
    bool terminal = isatty(STDERR_FILENO);

    for (int round = -1; round < want.rounds; round++) {
        for (int i = 0; i < server_count; i++)
            slice(&servers[i], round < 0 ? 0 : round);
        if (terminal)
            fprintf(stderr, "\rround %d of %d ", round + 1, want.rounds);
    }
    if (terminal)
        fprintf(stderr, "\r\033[K");
}

static void start(struct server *s, const char *argument)
{
    static const struct process_options options = { .cpu = 0, .directory = "/tmp",
                                                    .name = "slices" };
    const char *command = strchr(argument, '='), *gap;
    struct epoll_event events[BATCH];
    char line[2048];
    int kept = want.work == KEEP || want.work == PACED ? want.active : 0;
    int idle = want.idle_but_first && s == servers ? 0 : want.idle;

    gap = command ? strstr(command, "{port}") : NULL;
    if (gap == NULL) {
        fprintf(stderr, "slices: %s: give a server as NAME='COMMAND {port}'\n", argument);
        exit(2);
    }
    s->name = strndup(argument, (size_t)(command - argument));
    s->port = port_free();
    snprintf(line, sizeof line, "%.*s%d%s", (int)(gap - command - 1), command + 1, s->port,
             gap + strlen("{port}"));
    process_start(&s->process, line, &options);
    errno = 0;
    if (port_wait(&s->process, s->port, 5) < 0) {
        process_complaint(&s->process, line, sizeof line);
        fail(s, line[0] != '\0' ? line : "nobody listens on the {port} that it was given");
    }
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->clients = calloc((size_t)(want.active + want.idle), sizeof *s->clients);
    s->cost = calloc((size_t)want.rounds, sizeof *s->cost);
    for (int i = 0; i < kept + idle; i++) {
        struct client *c = &s->clients[i < kept ? i : i - kept + want.active];

        connect_to(s, c, i);    /* the idle ones are spoken to once */
        ask(s, c, 1);
        while (take(s, c) == 0)
            events_of(s, events);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median of n values with its 95 % confidence interval, which needs no assumption
 * about their distribution: of n values n/2 +- sqrt(n) lie below the true median. */
static double median_of(double *values, int n, double *low, double *high)
{
    int reach = (int)ceil(sqrt(n));

    qsort(values, (size_t)n, sizeof *values, ascending);
    *low = values[n / 2 > reach ? n / 2 - reach : 0];
    *high = values[n / 2 + reach < n ? n / 2 + reach : n - 1];
    return values[n / 2];
}

static void report(void)
{
    double *ratios = calloc((size_t)want.rounds, sizeof *ratios);
    double *cost = calloc((size_t)want.rounds, sizeof *cost);

    printf("%-18s %10s %8s %18s\n", "", "us/request", "ratio", "95 % sure between");
    for (const struct server *s = servers; s < servers + server_count; s++) {
        double ratio, low, high, ignored;

        for (int i = 0; i < want.rounds; i++) {
            cost[i] = s->cost[i];
            ratios[i] = s->cost[i] / servers[0].cost[i];
        }
        ratio = median_of(ratios, want.rounds, &low, &high);
        printf("%-18s %10.3f %8.3f %10.3f %7.3f\n", s->name,
               median_of(cost, want.rounds, &ignored, &ignored), ratio, low, high);
    }
    free(ratios);
    free(cost);
}

static const char usage[] =
    "usage: slices [options] NAME='COMMAND {port}'...\n"
    "\n"
    "Processor time per request of several echo servers, and its ratio to the first one's,\n"
    "from many short slices taken in turns. Needs two processors.\n"
    "\n"
    "  -c N     clients that ask (100)          -m BYTES  of a request (64)\n"
    "  -P N     requests under way a client (1) -s calc   sums instead of echo\n"
    "  -i N     clients that asked once (0)     -I N      the same, but none at the first\n"
    "  -R RATE  open loop, requests a second    -K        a connection for each request\n"
    "  -A       the clients of -c connect, ask once, and stay until all have a reply\n"
    "  -n N     rounds, 6 or more (300)         -t MS     length of a slice (30)\n";

static void options(int argc, char **argv)
{
    bool known = true;
    int o;

    while ((o = getopt(argc, argv, "c:i:I:m:P:n:t:s:R:KAh")) != -1)
        switch (o) {
        case 'c': want.active = atoi(optarg); break;
        case 'i': want.idle = atoi(optarg); break;
        case 'I': want.idle = atoi(optarg); want.idle_but_first = true; break;
        case 'R': want.rate = atof(optarg); want.work = PACED; break;
        case 'm': want.bytes = atoi(optarg); break;
        case 'P': want.depth = atoi(optarg); break;
        case 'n': want.rounds = atoi(optarg); break;
        case 't': want.slice = atof(optarg) / 1e3; break;
        case 's':
            want.calc = strcmp(optarg, "calc") == 0;
            known = want.calc || strcmp(optarg, "echo") == 0;
            break;
        case 'K': want.work = CHURN; break;
        case 'A': want.work = ACCEPT; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    server_count = argc - optind;
    if (!known || want.active < 1 || want.idle < 0 || want.bytes < 1 || want.depth < 1 ||
        want.rounds < ROUNDS_MIN || want.slice <= 0 || server_count < 1 ||
        server_count > SERVERS_MAX) {
        fputs(usage, stderr);
        exit(2);
    }
    if (want.bytes > BYTES_MAX / want.depth || (want.work == PACED &&
                                                want.slice * want.rate < 1)) {
        fprintf(stderr, "slices: %s\n", want.work == PACED
                ? "a slice (-t) must be long enough for a request (-R)"
                : "-m times -P must be no more than 65536 bytes");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    static const char sum[] = "11@1234 + 5678@", its_reply[] = "6@6912 0@";
    struct rlimit limit;
    cpu_set_t second;

    options(argc, argv);
    if (want.calc) {
        fill_stream(&out, sum, strlen(sum));
        fill_stream(&back, its_reply, strlen(its_reply));
    } else {
        fill_stream(&out, NULL, (size_t)want.bytes);
        fill_stream(&back, NULL, (size_t)want.bytes);
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < server_count; i++)
        start(&servers[i], argv[optind + i]);
    CPU_ZERO(&second);
    CPU_SET(1, &second);
    if (sched_setaffinity(0, sizeof second, &second) < 0)
        fail(NULL, "cannot run on the second processor");
    slice_all();
    report();
    for (int i = 0; i < server_count; i++)
        process_stop(&servers[i].process, 5);
    return 0;
}
