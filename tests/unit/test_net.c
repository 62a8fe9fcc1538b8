/* Does common/net tell a client that is gone from a want of descriptors, listen where
 * it is told, and name both ends of a connection?
 */
#define _GNU_SOURCE
#include "../../common/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"

/* accept4 of common/ comes here (ld(1), --wrap); 0 leaves it to the kernel. */
static int accept_errno;

int __real_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    if (accept_errno == 0)
        return __real_accept4(fd, address, size, flags);
    errno = accept_errno;
    return -1;
}

static void accept_outcomes(struct test *t)
{
    static const struct {
        int error;
        enum net_accept outcome;
    } rows[] = {
        { EAGAIN, NET_EMPTY }, { EINTR, NET_GONE }, { ECONNABORTED, NET_GONE },
        { EPROTO, NET_GONE }, { EPERM, NET_FAILED }, { ENETDOWN, NET_GONE },
        { ENOPROTOOPT, NET_GONE }, { EHOSTDOWN, NET_GONE }, { ENONET, NET_GONE },
        { EHOSTUNREACH, NET_GONE }, { EOPNOTSUPP, NET_GONE }, { ENETUNREACH, NET_GONE },
        { ETIMEDOUT, NET_GONE }, { EMFILE, NET_FAILED }, { ENFILE, NET_FAILED },
        { ENOBUFS, NET_FAILED }, { ENOMEM, NET_FAILED }, { EBADF, NET_FAILED },
        { EINVAL, NET_FAILED }, { ENOSYS, NET_FAILED }
    };
    struct ledger l = { 0 };
    uint64_t calls = 0;
    int fd;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum net_accept came;

        accept_errno = rows[i].error;
        came = net_accept(-1, &fd, &l);
        test_check(t, came == rows[i].outcome && fd < 0, "%s: expected %d, came %d",
                   strerror(rows[i].error), (int)rows[i].outcome, (int)came);
        test_check(t, l.accept_calls == ++calls && l.would_block == 1, "the ledger");
    }
    accept_errno = 0;
}

static int option(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;

    return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

static int family(const char *name)
{
    return name[0] == '[' ? AF_INET6 : AF_INET;
}

/* Listen, connect, accept, and call both ends by name. */
static void one_client(struct test *t, const char *host)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char own[NET_NAME_MAX], peer[NET_NAME_MAX], there[NET_NAME_MAX];
    struct ledger l = { 0 };
    const char *reason = "";
    int client, fd = -1, listener = net_listen(host, "0", 20000, 30000, &reason);

    if (listener < 0 && strchr(host, ':') != NULL)
        return;     /* a machine without IPv6 */
    test_check(t, listener >= 0, "%s: %s", host, reason);
    test_check(t, net_accept(listener, &fd, &l) == NET_EMPTY && fd == -1,
               "a client from nowhere");
    getsockname(listener, (struct sockaddr *)&address, &size);
    client = socket(address.ss_family, SOCK_STREAM, 0);
    test_check(t, connect(client, (struct sockaddr *)&address, size) == 0,
               "connect: %s", strerror(errno));
    test_check(t, net_accept(listener, &fd, &l) == NET_CLIENT && fd >= 0, "no client");
    test_check(t, (fcntl(fd, F_GETFL) & O_NONBLOCK) && (fcntl(fd, F_GETFD) & FD_CLOEXEC)
                  && (fcntl(listener, F_GETFL) & O_NONBLOCK)
                  && (fcntl(listener, F_GETFD) & FD_CLOEXEC),
               "not non-blocking, or not close-on-exec");
    test_check(t, option(fd, SOL_SOCKET, SO_RCVBUF) == 40000
                  && option(fd, SOL_SOCKET, SO_SNDBUF) == 60000
                  && option(fd, IPPROTO_TCP, TCP_NODELAY) != 0, "options: %d, %d, %d",
               option(fd, SOL_SOCKET, SO_RCVBUF), option(fd, SOL_SOCKET, SO_SNDBUF),
               option(fd, IPPROTO_TCP, TCP_NODELAY));
    net_name(fd, getsockname, own);
    net_name(client, getpeername, there);
    test_check(t, strcmp(own, there) == 0 && family(own) == address.ss_family,
               "our end is %s, seen from the other %s", own, there);
    net_name(fd, getpeername, peer);
    net_name(client, getsockname, there);
    test_check(t, strcmp(peer, there) == 0, "the peer is %s, for itself %s", peer,
               there);
    close(fd);
    close(client);
    close(listener);
}

static void accept_a_client(struct test *t)
{
    one_client(t, "127.0.0.1");
    one_client(t, "::1");
}

static void cannot_listen(struct test *t)
{
    const char *reason = NULL;
    int fd = net_listen("127.0.0.1", "0", 0, 0, &reason), again;
    char name[NET_NAME_MAX];

    test_check(t, net_name(fd, getsockname, name) != NULL, "a listener without a name");
    again = net_listen("127.0.0.1", strrchr(name, ':') + 1, 0, 0, &reason);
    test_check(t, again == -1 && reason != NULL && reason[0] != '\0',
               "two servers on %s", name);
    reason = NULL;
    test_check(t, net_listen("192.0.2.1", "0", 0, 0, &reason) == -1 && reason != NULL,
               "it listens on an address of documentation (RFC 5737)");
    reason = NULL;
    test_check(t, net_listen("no such host", "0", 0, 0, &reason) == -1
                  && reason != NULL, "it listens on a host with blanks in its name");
    close(fd);
}

int main(void)
{
    static const struct test_case cases[] = {
        { "accept_outcomes", accept_outcomes },
        { "accept_a_client", accept_a_client },
        { "cannot_listen", cannot_listen },
        { NULL, NULL }
    };

    return test_main("net", cases);
}
