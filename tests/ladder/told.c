#define _GNU_SOURCE
#include "told.h"

#include "../lib/check.h"
#include "../lib/client.h"
#include "../lib/guard.h"
#include "look.h"
#include "plays.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

FILE *page;

enum { LOOKS = 20 };

static bool is_echo(const struct server *s)
{
    return strcmp(s->service, "echo") == 0;
}

const char *question(const struct server *s)
{
    return is_echo(s) ? "hello" : SUM;
}

const char *reply(const struct server *s)
{
    return is_echo(s) ? "hello" : RESULT;
}

void let_rest(const struct server *s)
{
    if (look_runs(s, 1) == 0 || look_runs(s, LOOKS) < LOOKS)
        look_settled(s, NULL, NULL);
}

size_t hear(const struct server *s, int client, char *text, size_t room)
{
    double end = guard_end();
    size_t used = 0;

    while (guard_now() < end) {
        ssize_t n = recv(client, text + used, room - 1 - used, 0);

        if (n > 0) {
            used += (size_t)n;
            end = guard_end();
        } else if (n == 0 || errno != EAGAIN) {
            break;
        } else if (look_settled(s, NULL, NULL) && client_look(client) == CLIENT_QUIET) {
            break;
        }
    }
    text[used] = '\0';
    return used;
}

static bool answered(void *client)
{
    return client_look(*(int *)client) != CLIENT_QUIET;
}

bool hears(const struct server *s, int client, const char *want)
{
    size_t left = strlen(want);
    char text[64];

    while (left > 0) {
        ssize_t n = recv(client, text, left, 0);

        if (n > 0) {
            check_bytes("reply", want, (size_t)n, text, (size_t)n);
            want += n;
            left -= (size_t)n;
        } else if (n == 0 || errno != EAGAIN) {
            return false;
        } else if (look_settled(s, answered, &client) && client_look(client) == CLIENT_QUIET) {
            return false;
        }
    }
    return true;
}

void tell_sleep(const struct server *s)
{
    unsigned long second;

    fprintf(page, "the server sleeps in %s", look_call(s, &second));
}

/* "B hears ..." or what keeps it from that. */
bool tell_hearing(const struct server *s, int client, char letter)
{
    bool well = hears(s, client, reply(s));

    if (well) {
        fprintf(page, "  %c hears: %s\n", letter, reply(s));
    } else {
        fprintf(page, "  %c hears nothing. Its %ld bytes lie unread; ", letter,
                look_unread(s, client));
        tell_sleep(s);
        fprintf(page, ".\n");
    }
    return well;
}

void crowd_open(const struct server *s, int crowd[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        crowd[i] = client_open(s);
}

void crowd_close(int crowd[CROWD])
{
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
}

/* Whether the server sleeps, told of some looks at it. */
bool tell_runs(const struct server *s)
{
    int runs;

    fprintf(page, "Nobody speaks. %d looks at the server:\n", LOOKS);
    let_rest(s);
    runs = look_runs(s, LOOKS);
    fprintf(page, "  It runs %d times and sleeps %d times", runs, LOOKS - runs);
    if (runs == 0) {
        unsigned long second;

        fprintf(page, ", in %s", look_call(s, &second));
    }
    fprintf(page, ".\n");
    return runs == 0;
}
