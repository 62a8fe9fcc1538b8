/* naive.c - an echo server for fair weather, which the sweep has to find out.
 *
 * It echoes, half-closes and stops as the real ones do, as long as no call fails. What
 * it does about failures is what one meets in programs that "always worked": nothing
 * checked here, a signal taken for an error there, one client's trouble taken for
 * everybody's. tests/faults/run looks that the sweep finds each of them.
 *
 * Without memory it crashes; without a listening socket it says that it serves; an
 * interrupted poll ends it, as does any failing accept; an interrupted recv costs the
 * client, and a broken one leaves its descriptor open; an interrupted close is
 * repeated until it works, which is never; -i SECONDS, which it knows besides the port,
 * is measured by the wall clock.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100, CHUNK = 65536 };

struct client {
    char *bytes;
    size_t length;
    int at_end;
    time_t last;
};

static struct pollfd slots[MOST + 1];
static struct client clients[MOST + 1];
static int count = 1;
static volatile sig_atomic_t stop;

static void on_term(int number)
{
    stop = number;
}

static int start_listening(unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 2048;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&address, length);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    listen(fd, 100);
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("naive: serving echo on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_client(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

    if (fd < 0) {
        perror("accept4");
        exit(1);
    }
    clients[count].bytes = malloc(CHUNK);
    clients[count].bytes[0] = '\0';
    clients[count].length = 0;
    clients[count].at_end = 0;
    clients[count].last = time(NULL);
    slots[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void forget_client(int i)
{
    free(clients[i].bytes);
    slots[i] = slots[--count];
    clients[i] = clients[count];
}

static void drop_client(int i)
{
    while (close(slots[i].fd) < 0)
        ;
    forget_client(i);
}

static void serve_client(int i)
{
    struct client *c = &clients[i];
    ssize_t n = 0;

    if (!c->at_end && c->length < CHUNK)
        n = recv(slots[i].fd, c->bytes + c->length, CHUNK - c->length, 0);
    if (n < 0 && (errno == ECONNRESET || errno == EINTR)) {
        drop_client(i);
        return;
    }
    if (n < 0 && errno != EAGAIN) {
        forget_client(i);
        return;
    }
    c->last = time(NULL);
    if (n == 0 && c->length < CHUNK)
        c->at_end = 1;
    if (n > 0)
        c->length += (size_t)n;
    n = send(slots[i].fd, c->bytes, c->length, MSG_NOSIGNAL);
    if (n > 0)
        memmove(c->bytes, c->bytes + n, c->length -= (size_t)n);
    slots[i].events = (short)((c->length ? POLLOUT : 0) | (c->at_end ? 0 : POLLIN));
    if ((n < 0 && errno != EAGAIN) || (c->at_end && c->length == 0))
        drop_client(i);
}

static void expire_clients(int idle)
{
    for (int i = count - 1; i > 0; i--)
        if (time(NULL) - clients[i].last > idle)
            drop_client(i);
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = on_term };
    unsigned short port = (unsigned short)(argc > 1 ? atoi(argv[argc - 1]) : 0);
    int idle = argc > 2 && strcmp(argv[1], "-i") == 0 ? atoi(argv[2]) : -1;

    sigaction(SIGTERM, &action, NULL);
    slots[0] = (struct pollfd){ .fd = start_listening(port), .events = POLLIN };
    while (!stop) {
        if (idle >= 0)
            expire_clients(idle);
        if (poll(slots, (nfds_t)count, idle >= 0 ? 100 : -1) < 0) {
            if (stop)
                break;
            perror("poll");
            return 1;
        }
        for (int i = count - 1; i > 0; i--)
            if (slots[i].revents)
                serve_client(i);
        if (slots[0].revents && count <= MOST)
            accept_client(slots[0].fd);
    }
    while (count > 1)
        drop_client(count - 1);
    return 0;
}
