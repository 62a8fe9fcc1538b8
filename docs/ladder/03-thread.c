/* thread - an echo server with a thread for each client.
 *
 *     $ cc -pthread -o thread docs/ladder/03-thread.c && ./thread 0
 *
 * New: pthread_create.  (A C library of today builds it without -pthread, too.)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket that listens.  Port 0 lets the kernel choose one, so we say which it is. */
static int listen_on(int argc, char **argv, const char *service)
{
    const char *address = argc > 2 ? argv[1] : "127.0.0.1";
    const char *port = argc > 1 ? argv[argc - 1] : "";
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof at;
    char *end;
    long number = strtol(port, &end, 10);
    int fd, on = 1;

    if (end == port || *end != '\0' || number < 0 || number > 65535
        || inet_pton(AF_INET, address, &at.sin_addr) != 1)
        errx(2, "usage: [ADDRESS] PORT, for example 127.0.0.1 8080");
    at.sin_port = htons((in_port_t)number);
    /* SO_REUSEADDR: a server that was just stopped can have its port again at once. */
    if ((fd = socket(AF_INET, SOCK_STREAM, 0)) < 0
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || bind(fd, (struct sockaddr *)&at, size) < 0
        || listen(fd, SOMAXCONN) < 0
        || getsockname(fd, (struct sockaddr *)&at, &size) < 0)
        err(1, "cannot listen on %s port %s", address, port);
    printf("serving %s on %s:%d\n", service, address, ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/* send may take less than it is given.  MSG_NOSIGNAL: when the client has gone, it returns
 * -1 with EPIPE, and no SIGPIPE ends us.  No signal is caught, so there is no EINTR. */
static bool send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

        if (n < 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

/* recv returns 0 when the client has sent all it ever will, and -1 when the connection is
 * broken.  Either way we are done with this client, and only with this one.
 *
 * Here recv may wait: only this client's thread waits with it. */
static void *serve_client(void *argument)
{
    int client = (int)(intptr_t)argument;
    char bytes[4096];
    ssize_t n;

    while ((n = recv(client, bytes, sizeof bytes, 0)) > 0
           && send_all(client, bytes, (size_t)n))
        ;
    close(client);
    return NULL;
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc, argv, "echo");

    for (;;) {
        int client = accept(listener, NULL, NULL);
        pthread_t thread;

        if (client < 0) {
            warn("accept");
            sleep(1);    /* it may last: no descriptor is free, for example */
            continue;
        }
        /* The limit: each client costs a thread and its stack, also while it is silent. */
        errno = pthread_create(&thread, NULL, serve_client, (void *)(intptr_t)client);
        if (errno != 0) {
            warn("pthread_create");
            close(client);
            continue;
        }
        pthread_detach(thread);    /* nobody waits for its end */
    }
}
