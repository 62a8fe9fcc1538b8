#define _GNU_SOURCE
#include "subject.h"

#include "../lib/guard.h"
#include "../lib/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

/* How long one that listens elsewhere may still come to our port. */
static const double grace = 1;

/* The command with each {port} replaced; the caller frees it. */
static char *with_port(const char *command, int port)
{
    char *line = NULL, number[12];
    size_t size;
    FILE *out = open_memstream(&line, &size);

    snprintf(number, sizeof number, "%d", port);
    for (const char *at = command; out && *at;)
        if (!strncmp(at, "{port}", 6)) {
            fputs(number, out);
            at += 6;
        } else {
            fputc(*at++, out);
        }
    if (out)
        fclose(out);
    return line;
}

/* A plain command is run as it is, anything else by the shell. */
static void split(char *line, char *words[MOST_WORDS + 1])
{
    static char shell[] = "/bin/sh", dash_c[] = "-c";
    int count = 0;

    if (strncmp(line, "exec ", 5) != 0 && !strpbrk(line, ";|&<>()$`\"'\\*?[]#~=%!\n")) {
        for (char *w = strtok(line, " \t"); w && count < MOST_WORDS;
             w = strtok(NULL, " \t"))
            words[count++] = w;
    } else {
        words[count++] = shell;
        words[count++] = dash_c;
        words[count++] = line;
    }
    words[count] = NULL;
}

void subject_tree(const struct subject *s, struct tree *t)
{
    t->count = 0;
    if (s->keeper.pid > 0)
        tree_find(t, s->keeper.pid);
}

/* 127.0.0.1 reaches a listener of any IPv4 address and, as a rule, one of [::]. */
static void set_address(struct subject *s, const struct tcp_socket *listener)
{
    static const unsigned char nothing[16];
    struct sockaddr_in *v4 = (struct sockaddr_in *)&s->server.address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s->server.address;

    memset(&s->server.address, 0, sizeof s->server.address);
    if (listener->family == AF_INET6 && memcmp(listener->address, nothing, 16) != 0) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((in_port_t)s->port);
        memcpy(&v6->sin6_addr, listener->address, 16);
        s->server.address_len = sizeof *v6;
        return;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((in_port_t)s->port);
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener->family == AF_INET && memcmp(listener->address, nothing, 4) != 0)
        memcpy(&v4->sin_addr, listener->address, 4);
    s->server.address_len = sizeof *v4;
}

/* Whose are the listening sockets? */
static enum start look(struct subject *s)
{
    static struct tcp_socket sockets[SOCKETS_MOST];
    int count = witness_sockets(0, sockets), fd;
    enum start found = START_NEVER;
    struct tree tree;
    bool blind;

    subject_tree(s, &tree);
    for (int i = 0; i < count; i++) {
        bool ours = sockets[i].port == s->port;

        if (!ours && found == START_ELSEWHERE)
            continue;
        s->listener = 0;
        if (!witness_owner(&tree, sockets[i].inode, &s->listener, &fd, &blind)) {
            if (!ours)
                continue;
            if (!blind)
                return START_TAKEN;
        }
        if (ours) {
            set_address(s, &sockets[i]);
            return START_LISTENS;
        }
        s->other_port = sockets[i].port;
        found = START_ELSEWHERE;
    }
    return tree.count == 0 && s->keeper.kept->root_ended ? START_EXITED : found;
}

static enum start await(struct subject *s)
{
    double start = guard_now(), elsewhere = 0, pause = 0.002;
    enum start found;

    for (;;) {
        found = look(s);
        s->start_took = guard_now() - start;
        if (found == START_LISTENS || found == START_EXITED || found == START_TAKEN)
            return found;
        if (found == START_ELSEWHERE && elsewhere == 0)
            elsewhere = guard_now();
        if (elsewhere > 0 && guard_now() > elsewhere + grace)
            return START_ELSEWHERE;
        if (s->start_took > (double)START_MOST)
            return START_NEVER;
        guard_sleep_until(guard_now() + pause);
        pause = pause < 0.03 ? pause * 1.3 : pause;
    }
}

static enum start start_once(struct subject *s, int port, int spare)
{
    char *words[MOST_WORDS + 1], *line;
    enum start found;
    bool started;

    if (!port) {
        if (s->port_held > 0)
            close(s->port_held);
        port = port_choose(&s->port_held);
    }
    s->port = port;
    line = with_port(s->command, s->port);
    if (s->port < 0 || !line)
        return START_IMPOSSIBLE;
    split(line, words);
    started = keeper_start(&s->keeper, words, spare);
    free(line);
    if (!started)
        return START_IMPOSSIBLE;
    found = await(s);
    /* One that goes into the background ends its first process about now. */
    for (double end = guard_now() + 0.1; found == START_LISTENS && s->listener > 0
         && s->listener != s->keeper.kept->root && !s->keeper.kept->root_ended
         && guard_now() < end;)
        guard_sleep_until(guard_now() + 0.002);
    s->background = found == START_LISTENS && s->keeper.kept->root_ended;
    s->wrapped = found == START_LISTENS && !s->background && s->listener > 0
                 && s->listener != s->keeper.kept->root;
    return found;
}

/* A port that was free a moment ago may be another program's by now, and free again when we
 * look: a server that ends at one port has not failed before it ends at another, too. */
static bool may_be_the_port(const struct subject *s, enum start found, bool ours, int tries)
{
    return found == START_TAKEN
           || (ours && found == START_EXITED && (tries == 0 || !port_is_free(s->port)));
}

enum start subject_start(struct subject *s, int port, int spare)
{
    enum start found = start_once(s, port, spare);

    s->second_start = false;
    for (int tries = 0; tries < 5 && may_be_the_port(s, found, !port || tries > 0, tries);
         tries++) {
        s->second_start = found == START_EXITED;
        subject_stop(s);
        found = start_once(s, 0, spare);
    }
    return found;
}

/* 126 and 127 are what a shell says of a command that it cannot run. */
bool subject_was_not_run(const struct subject *s)
{
    const struct kept *kept = s->keeper.kept;
    int status = kept->root_status;

    return kept->not_run
           || (kept->root_ended && WIFEXITED(status)
               && (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127));
}

void subject_stop(struct subject *s)
{
    keeper_stop(&s->keeper);
}

bool subject_listens(const struct subject *s)
{
    struct tcp_socket listener;

    return witness_socket_of(s->port, 0, &listener);
}

/* "SIGPIPE", by a name that does not follow the user's language. */
static const char *signal_name(int sig)
{
    static const struct {
        int sig;
        const char *name;
    } names[] = { { SIGPIPE, "SIGPIPE" }, { SIGSEGV, "SIGSEGV" }, { SIGABRT, "SIGABRT" },
                  { SIGFPE, "SIGFPE" },   { SIGBUS, "SIGBUS" },   { SIGILL, "SIGILL" },
                  { SIGKILL, "SIGKILL" }, { SIGTERM, "SIGTERM" }, { SIGINT, "SIGINT" },
                  { SIGTRAP, "SIGTRAP" }, { SIGXFSZ, "SIGXFSZ" }, { SIGHUP, "SIGHUP" },
                  { SIGALRM, "SIGALRM" }, { SIGCHLD, "SIGCHLD" }, { SIGSYS, "SIGSYS" } };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].sig == sig)
            return names[i].name;
    return "a signal";
}

int subject_end(const struct subject *s, char *text, size_t room)
{
    const struct kept *kept = s->keeper.kept;
    bool adopted = s->background && kept->orphan_ended;
    int status = adopted ? kept->orphan_status : kept->root_status, sig = 0;

    if (!adopted && !kept->root_ended) {
        snprintf(text, room, "alive, but listens no more: process %d",
                 (int)s->listener);
        return -1;
    }
    if (WIFSIGNALED(status)) {
        sig = WTERMSIG(status);
        snprintf(text, room, "gone: killed by signal %d (%s)%s", sig, signal_name(sig),
                 sig == SIGFPE ? ": a division by 0, or of the smallest number by -1" : "");
    } else if (WEXITSTATUS(status) > 128 && WEXITSTATUS(status) < 128 + 32) {
        /* What a shell says of a command that a signal killed. */
        sig = WEXITSTATUS(status) - 128;
        snprintf(text, room, "gone: killed by signal %d (%s), as exit status %d says", sig,
                 signal_name(sig), WEXITSTATUS(status));
    } else if (kept->not_run) {
        snprintf(text, room, "not there, since execve says: %s", strerror(kept->not_run));
    } else {
        snprintf(text, room, "gone: it ended by itself, with exit status %d", WEXITSTATUS(status));
    }
    return sig;
}
