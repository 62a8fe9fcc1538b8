/* The command line: does the server say what it does, and refuse what it cannot do? */
#define _GNU_SOURCE
#include "scenario.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Runs to the end; expects this exit status, nothing on stdout, and one line on stderr
 * that holds `names`. */
static void expect_refusal(char *const command[], const char *options, int status,
                           const char *names)
{
    struct server s;
    char *out, *err;
    int got;

    server_spawn(&s, command, options);
    got = server_wait(&s);
    out = server_stdout(&s);
    err = server_stderr(&s);
    check(got == status, "%s: expected exit %d, got %d, stderr: %s", options, status,
          got, err);
    check(!*out, "%s: expected nothing on stdout, got: %s", options, out);
    check(count_lines(err) == 1, "%s: expected one line on stderr, got %d: %s", options,
          count_lines(err), err);
    check(strstr(err, names) != NULL, "%s: expected a line that names %s, got: %s",
          options, names, err);
    free(out);
    free(err);
    close(s.out);
    close(s.err);
}

SCENARIO(bad_usage, "command-line/bad-usage", "any", NULL,
    "Does each bad option or value get one line that names it, and exit 2?")
{
    static const struct {
        const char *options, *names;
    } bad[] = {
        { "--bogus", "bogus" },          { "-z", "z" },
        { "-p", "p" },                   { "--port", "port" },
        { "-p x", "x" },                 { "-p 65536", "65536" },
        { "-p -1", "-1" },               { "-p 80x", "80x" },
        { "-p 99999999999999999999", "99999999999999999999" },
        { "abc", "abc" },                { "70000", "70000" },
        { "-s nosuch", "nosuch" },       { "--service nosuch", "nosuch" },
        { "-c x", "x" },                 { "-c -1", "-1" },
        { "--max-clients 1.5", "1.5" },  { "-i x", "x" },
        { "-i -1", "-1" },               { "--idle-timeout 1s", "1s" },
        { "-f x", "x" },                 { "-f -0.1", "-0.1" },
        { "--frame-timeout 1e", "1e" },  { "--read-size 0", "0" },
        { "--read-size 65537", "65537" }, { "--read-size x", "x" },
        { "--rcvbuf x", "x" },           { "--sndbuf -1", "-1" },
        { "8081 8082", "808" },          { "-p 8081 8082", "808" },
        { "-p 8081 -p 8082", "808" },    { "-p 0 --port 0", "0" }
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refusal(s->command, bad[i].options, 2, bad[i].names);
}

SCENARIO(port_taken, "command-line/port-taken", "any", NULL,
    "Is a port that is taken named with its address and the system's reason, exit 1?")
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char options[40], address[40];

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 1) == 0
              && getsockname(fd, (struct sockaddr *)&a, &len) == 0,
          "cannot take a port: %s", strerror(errno));
    snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(a.sin_port));
    snprintf(options, sizeof options, "-p %d", ntohs(a.sin_port));
    expect_refusal(s->command, options, 1, address);
    expect_refusal(s->command, options, 1, "in use");
    close(fd);
}

SCENARIO(no_such_address, "command-line/no-such-address", "any", NULL,
    "Is an address that is not this machine's named with the system's reason, exit 1? "
    "192.0.2.1 belongs to nobody (RFC 5737).")
{
    expect_refusal(s->command, "-b 192.0.2.1 -p 0", 1, "192.0.2.1");
    expect_refusal(s->command, "-b 192.0.2.1 -p 0", 1, "not");
}

SCENARIO(help, "command-line/help", "any", NULL,
    "Do -h and -V write to stdout, nothing to stderr, and exit 0?")
{
    static const char *const options[] = { "-h", "--help", "-V", "--version" };

    for (int i = 0; i < 4; i++) {
        char *out, *err;
        int status;

        server_spawn(s, s->command, options[i]);
        status = server_wait(s);
        out = server_stdout(s);
        err = server_stderr(s);
        check(status == 0, "%s: expected exit 0, got %d", options[i], status);
        check(*out && !*err, "%s: expected text on stdout and none on stderr, got: %s",
              options[i], err);
        check(i > 1 || strstr(out, "--idle-timeout"),
              "%s: expected all options, got: %s", options[i], out);
        free(out);
        free(err);
    }
}

SCENARIO(banner, "command-line/banner", "any", NULL,
    "Is the first line on stdout exactly NAME: serving SERVICE on ADDR:PORT, the "
    "address in numbers though a name was given, and does -b with a name listen there?")
{
    static const char *const options[] = { "", "-b 127.0.0.1", "--bind=127.0.0.2",
                                           "-b localhost", "-s calc", "-s echo" };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        bool echo = strstr(options[i], "echo") != NULL;
        const char *on = i == 2 ? " on 127.0.0.2:" : " on 127.0.0.1:";
        int fd;

        server_start(s, s->command, options[i]); /* which checks the form */
        check(!strcmp(s->service, echo ? "echo" : "calc"), "service \"%s\" in: %s",
              s->service, s->banner);
        check(i == 3 || strstr(s->banner, on), "expected \"%s\" in: %s", on, s->banner);
        fd = client_open(s);
        echo ? client_converse(fd, "a", 1, CLIENT_STAYS, "a", 1) : client_ask(fd);
        close(fd);
        scenario_end(s);
    }
}

SCENARIO(ipv6, "command-line/ipv6", "any", NULL,
    "Does it listen on IPv6, and write the address as [::1]?")
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6,
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
        check_skip("there is no IPv6 loopback here; enable net.ipv6.conf.lo");
    close(fd);
    server_start(s, s->command, "-b ::1");
    check(strstr(s->banner, " on [::1]:") != NULL, "expected [::1]:PORT in: %s",
          s->banner);
    client_ask(fd = client_open(s));
    close(fd);
}

SCENARIO(clamped, "command-line/clamped", "any", "-c 1000000000",
    "Is a -c that is too large clamped, with a line that says so, and served on?")
{
    char *said;
    int fd;

    client_ask(fd = client_open(s));
    close(fd);
    said = server_stderr(s);
    check(count_lines(said) == 1, "expected one line about -c on stderr, got: %s",
          said);
    free(said);
}

SCENARIO(verbose, "command-line/verbose", "calc", NULL,
    "Do -v and -vv write to stderr only, and change no reply?")
{
    static const char *const options[] = { "-v", "-vv", "--verbose" };
    struct script t = { 0 };

    script_add_sums(&t, 200);
    script_add_text(&t, " \n5@7 / 0@5@7 $ 7@\nx");
    script_ready(&t, CLIENT_STAYS);
    for (int i = 0; i < 3; i++) {
        char *out, *err;
        int status;

        server_start(s, s->command, options[i]);
        script_play(&t, s);
        server_signal(s, SIGTERM);
        status = server_wait(s);
        out = server_stdout(s);
        err = server_stderr(s);
        check(status == 0, "%s: expected exit 0, got %d", options[i], status);
        check(!*out, "%s: expected nothing more on stdout, got: %s", options[i], out);
        check(count_lines(err) > 1, "%s: expected lines on stderr", options[i]);
        free(out);
        free(err);
    }
    script_free(&t);
}

scenario_list command_line_scenarios = {
    &bad_usage, &port_taken, &no_such_address, &help, &banner, &ipv6, &clamped,
    &verbose, NULL
};
