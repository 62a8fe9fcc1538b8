/* stranger - a right server in quite another style than ours: blocking calls, and a
 * thread or a process for each client. The grader has to give it full marks.
 *
 *     $ build/tests/stranger thread calc 8085
 *
 * MODE is thread, fork, or inetd (a process that is started anew for each client and talks
 * to its standard input and output). After the port, one may say how it behaves: `slow`
 * rests 5 ms before each reply, `bytes` sends byte by byte, `chatty` prints a line a
 * request, `late` listens after 3 s only. */
#define _GNU_SOURCE
#include "../lib/oracle.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *mode, *service, *manner = "";

static bool give(int fd, const char *bytes, size_t len)
{
    size_t most = strcmp(manner, "bytes") ? len : 1;

    while (len > 0) {
        ssize_t n = write(fd, bytes, len < most ? len : most);

        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* After a bad frame: our FIN, and the client's bytes go nowhere. */
static void see_off(int in, int out)
{
    char trash[4096];

    give(out, "3@0 5@", 6);
    shutdown(out, SHUT_WR);
    while (read(in, trash, sizeof trash) > 0)
        ;
}

/* One client, from its first byte to its last. */
static void attend(int in, int out)
{
    char buffer[10000], reply[ORACLE_REPLY];
    size_t have = 0, at, used, len;
    enum oracle_step step = ORACLE_MORE;
    ssize_t n;

    while ((n = read(in, buffer + have, sizeof buffer - have)) > 0) {
        if (!strcmp(manner, "slow"))
            usleep(5000);
        if (!strcmp(manner, "chatty"))
            printf("%zd bytes came, and this line is here to be read by nobody\n", n);
        if (!strcmp(service, "echo")) {
            if (!give(out, buffer, (size_t)n))
                return;
            continue;
        }
        have += (size_t)n;
        for (at = 0; (step = oracle_step(buffer + at, have - at, &used, reply, &len)) ==
                     ORACLE_DONE; at += used)
            if (!give(out, reply, len))
                return;
        memmove(buffer, buffer + at, have -= at);
        if (step == ORACLE_BAD)
            break;
    }
    if (step == ORACLE_BAD || (n == 0 && have > 0))
        see_off(in, out);
}

static void *in_thread(void *argument)
{
    int fd = (int)(intptr_t)argument;

    attend(fd, fd);
    close(fd);
    return NULL;
}

static void hand_over(int listener, int fd)
{
    pthread_t thread;

    if (!strcmp(mode, "thread")) {
        if (pthread_create(&thread, NULL, in_thread, (void *)(intptr_t)fd) == 0)
            pthread_detach(thread);
        else
            close(fd);
        return;
    }
    if (fork() == 0) {
        close(listener);
        if (!strcmp(mode, "inetd")) {
            dup2(fd, STDIN_FILENO);
            dup2(fd, STDOUT_FILENO);
            close(fd);
            execl("/proc/self/exe", "stranger", "stdio", service, "0", manner, (char *)NULL);
        } else {
            attend(fd, fd);
        }
        _exit(0);
    }
    close(fd);
}

static int listen_at(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 5) < 0) {
        perror("stranger");
        exit(1);
    }
    return fd;
}

int main(int argc, char *argv[])
{
    int listener, fd, one = 1;

    if (argc < 4) {
        fputs("usage: stranger MODE calc|echo PORT [MANNER]\n", stderr);
        return 2;
    }
    mode = argv[1];
    service = argv[2];
    manner = argc > 4 ? argv[4] : "";
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN); /* nobody waits for the children */
    if (!strcmp(mode, "stdio")) {
        attend(STDIN_FILENO, STDOUT_FILENO);
        return 0;
    }
    if (!strcmp(manner, "late"))
        sleep(3);
    listener = listen_at(atoi(argv[3]));
    for (;;)
        if ((fd = accept(listener, NULL, NULL)) >= 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            hand_over(listener, fd);
        } else if (strcmp(manner, "hasty") != 0) {
            usleep(100000); /* no descriptor is free, say */
        }
}
