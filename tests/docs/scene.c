/* scene - plays a scene that a page shows, and prints what the page should show.
 *
 *     $ scene screen 'build/poll_server; A opens; A says 9@10 + 1234@'
 *     9@10 + 1234@
 *     6@1244 0@
 *
 * The scene: the server's command line, then steps, divided by semicolons.  A client is a
 * capital letter.  After each step the server is left to finish, so that the scene is the
 * same on every machine.
 *
 *     A opens              A says TEXT     (TEXT, CR and LF, as telnet sends a line)
 *     A leaves             A sends TEXT    (TEXT alone)
 *     A finishes           (half-closes)
 *     STOP  CONT  USR1     (signals to the server)
 *     run COMMAND          (by sh; 8081 to 8084 in it become the server's port)
 *
 * `scene server` prints what the server wrote to stderr and, after its banner, to
 * stdout, until SIGTERM ended it (all clients leave before); `scene screen`, what the
 * clients' terminals would show.
 */
#define _GNU_SOURCE
#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "../lib/launch.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 26, WORDS = 32, SCREEN = 65536 };

struct scene {
    struct server server;
    bool stopped;
    int clients[CLIENTS];    /* by letter; 0: not open */
    char screen[SCREEN];
    size_t used;
};

static void show(struct scene *s, const char *text, size_t length)
{
    check(s->used + length < SCREEN, "more than %d bytes on the screen", SCREEN);
    for (size_t i = 0; i < length; i++)
        if (text[i] != '\r')
            s->screen[s->used++] = text[i];
}

/* What has come for the clients by now. */
static void look(struct scene *s)
{
    static const char closed[] = "Connection closed by foreign host.\n";
    char text[4096];

    for (int i = 0; i < CLIENTS; i++) {
        ssize_t n;

        if (s->clients[i] == 0)
            continue;
        while ((n = recv(s->clients[i], text, sizeof text, 0)) > 0)
            show(s, text, (size_t)n);
        if (n == 0 || errno != EAGAIN) {
            show(s, closed, strlen(closed));
            close(s->clients[i]);
            s->clients[i] = 0;
        }
    }
}

/* Has the last packet reached the server's socket?  On a busy machine even loopback is late,
 * and a server that has not been woken yet looks like one that has finished. */
static bool arrived(const struct scene *s, int client, int descriptors, const char *what)
{
    int unsent;

    if (strcmp(what, "opens") == 0 || strcmp(what, "finishes") == 0)
        return client_look(client) != CLIENT_QUIET
               || (*what == 'o' && server_descriptors(&s->server) != descriptors);
    if (strcmp(what, "leaves") == 0)
        return server_descriptors(&s->server) != descriptors;
    return ioctl(client, TIOCOUTQ, &unsent) != 0 || unsent == 0;
}

static void act(struct scene *s, int *client, const char *what)
{
    char line[4096];
    int n;

    if (strcmp(what, "opens") == 0) {
        *client = client_open(&s->server);
        return;
    }
    check(*client > 0, "'%s' of a client that is not connected", what);
    if (strncmp(what, "says ", 5) == 0) {
        n = snprintf(line, sizeof line, "%s\r\n", what + 5);
        show(s, line, (size_t)n);
        client_send(*client, line, (size_t)n);
    } else if (strncmp(what, "sends ", 6) == 0) {
        client_say(*client, what + 6);
    } else if (strcmp(what, "finishes") == 0) {
        client_finish(*client);
    } else if (strcmp(what, "leaves") == 0) {
        close(*client);
        *client = 0;
    } else {
        check_fail("a client cannot '%s'", what);
    }
}

static void play_client(struct scene *s, int *client, const char *what)
{
    int descriptors = server_descriptors(&s->server);
    double end = guard_now() + 1;

    act(s, client, what);
    while (!s->stopped && !arrived(s, *client, descriptors, what) && guard_now() < end)
        guard_sleep_until(guard_now() + 0.0001);
}

static void play_command(const struct scene *s, const char *command)
{
    char line[1000], *port;
    const struct sockaddr_in *address = (const struct sockaddr_in *)&s->server.address;

    snprintf(line, sizeof line, "%s ", command);    /* room for a fifth digit */
    if ((port = strstr(line, " 808")) != NULL) {
        char rest[1000];

        strcpy(rest, port + 5);
        snprintf(port, sizeof line - (size_t)(port - line), " %d%s",
                 ntohs(address->sin_port), rest);
    }
    check(system(line) == 0, "failed: %s", line);
}

static void play(struct scene *s, const char *step)
{
    if (step[0] >= 'A' && step[0] <= 'Z' && step[1] == ' ')
        play_client(s, &s->clients[step[0] - 'A'], step + 2);
    else if (strncmp(step, "run ", 4) == 0)
        play_command(s, step + 4);
    else if (strcmp(step, "STOP") == 0)
        server_signal(&s->server, SIGSTOP);
    else if (strcmp(step, "CONT") == 0)
        server_signal(&s->server, SIGCONT);
    else if (strcmp(step, "USR1") == 0)
        server_signal(&s->server, SIGUSR1);
    else
        check_fail("no such step: '%s'", step);
    s->stopped = strcmp(step, "STOP") == 0 || (s->stopped && strcmp(step, "CONT") != 0);
    if (!s->stopped)
        server_settle(&s->server);
    look(s);
}

static void start(struct scene *s, char *line)
{
    char *command[WORDS + 1];
    int n = 0;

    for (char *word = strtok(line, " "); word != NULL && n < WORDS; word = strtok(NULL, " "))
        command[n++] = word;
    command[n] = NULL;
    check(n > 0, "no command");
    server_start(&s->server, command, "");
}

static const char *next(char **rest)
{
    char *step = strsep(rest, ";");

    return step != NULL ? step + strspn(step, " ") : NULL;
}

int main(int argc, char **argv)
{
    static struct scene s;
    const char *step;
    char *rest = argc == 3 ? argv[2] : NULL;
    char *line = strsep(&rest, ";");
    int status;
    bool screen = argc == 3 && strcmp(argv[1], "screen") == 0;

    if (line == NULL || (!screen && strcmp(argv[1], "server") != 0)) {
        fprintf(stderr, "usage: scene screen|server 'COMMAND; STEP; ...'\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    start(&s, line);
    while ((step = next(&rest)) != NULL)
        play(&s, step);
    for (int i = 0; i < CLIENTS; i++)
        if (s.clients[i] > 0)
            play_client(&s, &s.clients[i], "leaves");
    server_settle(&s.server);
    server_signal(&s.server, SIGTERM);
    status = server_wait(&s.server);
    check(status == 0, "the server was to end with 0, but it %s", server_tell_end(status));
    if (screen) {
        fwrite(s.screen, 1, s.used, stdout);
    } else {
        char *err = server_stderr(&s.server), *out = server_stdout(&s.server);

        printf("%s%s", err, out);
        free(err);
        free(out);
    }
    return 0;
}
