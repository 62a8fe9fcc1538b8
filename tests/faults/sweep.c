/* sweep.c - fails every call of a server, one at a time, and looks what comes of it.
 *
 *     sweep [-n MOST] [-e MOST] [-o OPTIONS] COMMAND...
 *
 *     $ build/tests/sweep -o '-s calc' build/poll_server
 *     ok faults/sweep/poll_server/calc/malloc
 *     ...
 *     poll_server -s calc: 19 functions, 482 call sites, 1290 failures tried
 *
 * For each function the server calls, for each error that its man page lists as
 * possible (trials.c), for N = 1, 2, ... until the run makes no Nth call: a server is
 * started whose Nth call fails (shim.c), and a fixed handful of guests (guests.c) is
 * served. It has to end in one of two ways:
 *
 * - the server could not start: one line on stderr that begins with its name, exit 1;
 * - everybody is served, but at most one client, and that only where the failure was
 *   one of a client's own; no descriptor stays open, the number of system calls is
 *   within a bound of that of a run without failure; SIGTERM, and exit 0.
 *
 * -n bounds N and -e the errors a function is tried with: the quick sweep.
 */
#define _GNU_SOURCE
#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/launch.h"
#include "behind.h"
#include "party.h"
#include "trials.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 2 };

/* Written by the processes of the tests, read by the one that adds up. */
struct account {
    struct shim_page usual; /* the calls of a run in which nothing fails */
    int usual_descriptors;
    long sites, failures;
};

struct sweep {
    char **command;
    const char *name; /* of the server, as its messages begin */
    const char *options;
    char service[20];
    const char *variant; /* of the service, in the names of the tests */
    long most_calls, most_errors;
    const struct trial *trial;
    struct account *account;
    struct shim_page *page; /* of the server that runs */
};

/* What a failing test tells of its last run. */
static char fault_tried[80] = "no failure";
static pid_t server_tried;

static void show_fault(void)
{
    int status, ended = 0;

    if (!check_failed())
        return;
    dprintf(STDOUT_FILENO, "    with %s\n", fault_tried);
    for (int i = 0; i < 50 && !ended; i++) { /* a crash may still be under way */
        ended = waitpid(server_tried, &status, WNOHANG) == server_tried;
        guard_sleep_until(guard_now() + 0.001);
    }
    if (ended)
        dprintf(STDOUT_FILENO, "    it had ended by %s %d\n",
                WIFEXITED(status) ? "exit" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* False when its stdout ends without a line. */
static bool read_banner(struct server *server)
{
    struct sockaddr_in *address = (struct sockaddr_in *)&server->address;
    int port;

    if (!server_read_banner(server))
        return false;
    check(sscanf(server->banner, "%*[^:]: serving %*s on 127.0.0.1:%d", &port) == 1,
          "it serves, but its first line has no address: %s", server->banner);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address->sin_port = htons((in_port_t)port);
    server->address_len = sizeof *address;
    return true;
}

static void check_sanitizers(const char *said)
{
    check(!strstr(said, "Sanitizer") && !strstr(said, "runtime error:"),
          "a sanitizer complained");
}

static void check_refusal_to_start(const struct sweep *sweep, struct server *server)
{
    int status = server_wait(server);
    char *said = server_stderr(server), *end = strchr(said, '\n');
    size_t name_length = strlen(sweep->name);

    check_sanitizers(said);
    /* A ledger that cannot be opened is bad usage. */
    check(status == 1 || (status == 2 && strstr(sweep->options, "-l ")),
          "it did not start: expected exit 1, got %d", status);
    check(strncmp(said, sweep->name, name_length) == 0 && said[name_length] == ':'
              && end && end[1] == '\0',
          "it did not start: expected one line on stderr that begins with its name");
    free(said);
}

static void check_descriptors(const struct sweep *sweep, const struct server *server,
                              const struct party *party)
{
    double end = guard_end();
    int open, usual = sweep->account->usual_descriptors;

    while ((open = server_descriptors(server) - party_present(party)) > usual) {
        check(guard_now() < end, "%d descriptors too many are open", open - usual);
        guard_pause(end, "it to close what its clients left");
    }
}

/* Memory is the library's business; every other call is counted. */
static unsigned long calls_made(const struct shim_page *page)
{
    unsigned long sum = 0;

    for (int call = CALL_getaddrinfo; call < SHIM_CALL_COUNT; call++)
        sum += page->calls[call];
    return sum;
}

static void check_end(struct server *server, struct party *party)
{
    char *said;
    int status;

    server_signal(server, SIGTERM);
    party_leave(party);
    status = server_wait(server);
    said = server_stderr(server);
    check_sanitizers(said);
    check(status == 0, "after SIGTERM: expected exit 0, got %d", status);
    free(said);
}

static void serve_guests(struct sweep *sweep, struct server *server)
{
    static struct party party;
    bool is_usual = sweep->account->usual_descriptors == 0;
    int lost, bearable = sweep->trial && sweep->trial->costs_a_client;
    unsigned long made, usual;

    strcpy(server->service, sweep->service);
    party_enter(&party, server);
    lost = party_play(&party);
    check(lost <= bearable, "%d clients were lost, %d could be", lost, bearable);
    if (is_usual) {
        server_settle(server);
        sweep->account->usual_descriptors =
            server_descriptors(server) - party_present(&party);
    }
    check_descriptors(sweep, server, &party);
    check_end(server, &party);
    if (is_usual)
        sweep->account->usual = *sweep->page;
    made = calls_made(sweep->page);
    usual = calls_made(&sweep->account->usual);
    check(made < 3 * usual + 1000,
          "it spins: %lu system calls in a run that usually takes %lu", made, usual);
}

static void run_once(struct sweep *sweep)
{
    struct server server;
    char options[200];

    memset(sweep->page, 0, sizeof *sweep->page);
    snprintf(options, sizeof options, "%s --sndbuf 2048 -p 0", sweep->options);
    server_spawn(&server, sweep->command, options);
    server_tried = server.pid;
    if (read_banner(&server))
        serve_guests(sweep, &server);
    else
        check_refusal_to_start(sweep, &server);
    close(server.out);
    close(server.err);
}

/* The test of one function: its trials stand together in the table. */
static void sweep_function(void *argument)
{
    struct sweep *sweep = argument;
    enum shim_call call = sweep->trial->call;

    atexit(show_fault);
    sweep->page = behind_count();
    for (long error = 0; sweep->trial->call == call && error < sweep->most_errors;
         error++, sweep->trial++) {
        long n = 0;

        do {
            snprintf(fault_tried, sizeof fault_tried, "SHIM_FAIL=%s:%ld:%s",
                     sweep->trial->call_name, n + 1, sweep->trial->error);
            behind_shim("SHIM_FAIL", strchr(fault_tried, '=') + 1);
            run_once(sweep);
        } while (sweep->page->struck && ++n < sweep->most_calls);
        __atomic_add_fetch(&sweep->account->failures, n, __ATOMIC_RELAXED);
        if (error == 0)
            __atomic_add_fetch(&sweep->account->sites, n, __ATOMIC_RELAXED);
    }
}

static void run_usual(void *argument)
{
    struct sweep *sweep = argument;

    sweep->page = behind_count();
    run_once(sweep);
    run_once(sweep); /* and nothing is left of the first */
}

/* Side by side: a server and its guests wait for each other most of the time. */
static int sweep_all(struct sweep *sweep)
{
    char name[120];
    int failed = 0, running = 0, functions = 0;

    snprintf(name, sizeof name, "faults/sweep/%s/%s%s/nothing-fails", sweep->name,
             sweep->service, sweep->variant);
    check_start(name, 60, run_usual, sweep);
    if (check_reap() != CHECK_OK)
        return 1;
    for (const struct trial *trial = trials; trial->call_name; trial++) {
        if ((trial > trials && trial[-1].call == trial->call)
            || sweep->account->usual.calls[trial->call] == 0)
            continue;
        if (running == AT_ONCE) {
            failed += check_reap() == CHECK_FAIL;
            running--;
        }
        snprintf(name, sizeof name, "faults/sweep/%s/%s%s/%s", sweep->name,
                 sweep->service, sweep->variant, trial->call_name);
        sweep->trial = trial;
        check_start(name, 1800, sweep_function, sweep);
        running++;
        functions++;
    }
    while (running--)
        failed += check_reap() == CHECK_FAIL;
    printf("%s %s: %d functions, %ld call sites, %ld failures tried\n", sweep->name,
           sweep->options, functions, sweep->account->sites, sweep->account->failures);
    if (sweep->account->failures == 0) {    /* a shim that is not loaded, say */
        printf("FAIL faults/sweep/%s/%s%s: not one failure was tried\n", sweep->name,
               sweep->service, sweep->variant);
        return 1;
    }
    return failed > 0;
}

int main(int argc, char **argv)
{
    struct sweep sweep = {
        .options = "-s calc", .most_calls = 10000, .most_errors = 99
    };
    const char *service, *slash;
    int option;

    while ((option = getopt(argc, argv, "+n:e:o:")) != -1)
        switch (option) {
        case 'n': sweep.most_calls = atol(optarg); break;
        case 'e': sweep.most_errors = atol(optarg); break;
        case 'o': sweep.options = optarg; break;
        default: optind = argc;
        }
    if (optind >= argc) {
        fputs("usage: sweep [-n MOST] [-e MOST] [-o OPTIONS] COMMAND...\n", stderr);
        return 2;
    }
    sweep.command = argv + optind;
    slash = strrchr(argv[optind], '/');
    sweep.name = slash ? slash + 1 : argv[optind];
    service = strstr(sweep.options, "-s ");
    sscanf(service ? service : "-s calc", "-s %19s", sweep.service);
    sweep.variant = strstr(sweep.options, "-v") ? "-narrated" : "";
    sweep.account = mmap(NULL, sizeof *sweep.account, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sweep.account == MAP_FAILED) {
        perror("sweep");
        return 1;
    }
    behind_find(argv[0]);
    return sweep_all(&sweep);
}
