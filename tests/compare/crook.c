/*
 * crook - a server that compare has to expose.
 *
 *     crook PORT lie       calc, but every sum is said to be 0
 *     crook PORT die       ends at the first request
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 200 };

/* A reply for each request: requests have two '@', and no payload here has one. */
static void serve(struct pollfd *client, const char *how)
{
    char bytes[4096];
    ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);

    if (got <= 0) {
        close(client->fd);
        client->fd = -1;
        return;
    }
    if (strcmp(how, "die") == 0)
        exit(3);
    for (ssize_t i = 0, at = 0; i < got && strcmp(how, "lie") == 0; i++)
        if (bytes[i] == '@' && ++at % 2 == 0)
            send(client->fd, "3@0 0@", 6, MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    struct pollfd set[1 + CLIENTS];
    int on = 1;

    if (argc != 3)
        return 2;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons((unsigned short)strtol(argv[1], NULL, 10));
    for (int i = 0; i <= CLIENTS; i++)
        set[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    set[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(set[0].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(set[0].fd, (struct sockaddr *)&a, sizeof a) == -1
        || listen(set[0].fd, 100) == -1)
        return 1;
    for (;;) {
        poll(set, 1 + CLIENTS, -1);
        for (int i = 1; i <= CLIENTS; i++) {
            if (set[i].fd != -1 && set[i].revents != 0)
                serve(&set[i], argv[2]);
            else if (set[i].fd == -1 && set[0].revents != 0) {
                set[i].fd = accept(set[0].fd, NULL, NULL);
                set[0].revents = set[i].revents = 0;
            }
        }
    }
}
