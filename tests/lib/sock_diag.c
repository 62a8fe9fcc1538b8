#define _GNU_SOURCE
#include "sock_diag.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The messages of <linux/netlink.h> and <linux/inet_diag.h>, which musl's compiler does not
 * find. Ports and addresses are in network order. */
enum { SOCK_DIAG = 4, BY_FAMILY = 20, ERROR = 2, DONE = 3, REQUEST = 1, DUMP = 0x300 };

struct header {
    uint32_t len;
    uint16_t type, flags;
    uint32_t sequence, port;
};

struct endpoints {
    uint16_t port, peer;
    uint32_t local[4], remote[4], interface, cookie[2];
};

struct request {
    struct header header;
    uint8_t family, protocol, extensions, pad;
    uint32_t states;
    struct endpoints id;
};

struct answer {
    uint8_t family, state, timer, retransmits;
    struct endpoints id;
    uint32_t expires, unread, unsent, user, inode;
};

/* Puts the question on a socket of its own, so that no answer is another's. */
static int ask(struct request *r)
{
    struct timeval patience = { .tv_sec = 1 };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, SOCK_DIAG);

    if (fd < 0)
        return -1;
    r->header.len = sizeof *r;
    r->header.type = BY_FAMILY;
    r->protocol = IPPROTO_TCP;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(fd, r, sizeof *r, 0) != (ssize_t)sizeof *r) {
        close(fd);
        return -1;
    }
    return fd;
}

static struct tcp_socket convert(const struct answer *a)
{
    struct tcp_socket s = { .state = a->state, .family = a->family,
                            .port = ntohs(a->id.port), .peer = ntohs(a->id.peer),
                            .unread = a->unread, .inode = a->inode };

    if (a->state != TCP_IS_LISTENING) /* a listener's is the length of its backlog */
        s.unsent = a->unsent;
    memcpy(s.address, a->id.local, sizeof s.address);
    return s;
}

/* Takes what one recv brought: false when that was the end. *count is -1 after an error. */
static bool take(const char *bytes, size_t len, struct tcp_socket *sockets, int room,
                 int *count)
{
    struct header h;
    struct answer a;

    for (size_t at = 0; at + sizeof h <= len; at += (h.len + 3u) & ~3u) {
        memcpy(&h, bytes + at, sizeof h);
        if (h.type == DONE)
            return false;
        if (h.type == ERROR || h.len < sizeof h + sizeof a || at + h.len > len) {
            *count = -1;
            return false;
        }
        memcpy(&a, bytes + at + sizeof h, sizeof a);
        if (*count < room)
            sockets[(*count)++] = convert(&a);
    }
    return true;
}

bool sock_diag_find(int port, int peer, struct tcp_socket *found)
{
    struct request r = { .header.flags = REQUEST, .family = AF_INET, .states = ~0u };
    int fd, count = 0;
    char bytes[1024];
    ssize_t n;

    r.id.port = htons((uint16_t)port);
    r.id.peer = htons((uint16_t)peer);
    r.id.local[0] = r.id.remote[0] = htonl(INADDR_LOOPBACK);
    r.id.cookie[0] = r.id.cookie[1] = ~0u; /* any */
    if ((fd = ask(&r)) < 0)
        return false;
    n = recv(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (n > 0)
        take(bytes, (size_t)n, found, 1, &count);
    /* Without a connection of these two, the kernel answers with the listener. */
    return count == 1 && found->port == port && found->peer == peer;
}

int sock_diag_list(int family, int port, struct tcp_socket *sockets, int room)
{
    struct request r = { .header.flags = REQUEST | DUMP, .family = (uint8_t)family,
                         .states = port ? ~0u : 1u << TCP_IS_LISTENING };
    static char bytes[65536];
    int fd, count = 0;
    ssize_t n;

    r.id.port = htons((uint16_t)port);
    if ((fd = ask(&r)) < 0)
        return -1;
    do
        if ((n = recv(fd, bytes, sizeof bytes, 0)) <= 0)
            count = -1;
    while (n > 0 && take(bytes, (size_t)n, sockets, room, &count));
    close(fd);
    return count;
}
