/*
 * liar - a server that answers wrongly, on purpose: loadgen and compare must notice.
 *
 *     liar SERVICE LIE [EVERY [PORT]]    calc, echo or http; every EVERYth request, 50
 *
 *     $ build/tests/liar calc flip 100
 *     liar: serving calc with flip on 127.0.0.1:41234
 *
 * The lies:
 *
 *   none      the truth
 *   flip      one bit of the reply is another
 *   stale     the reply to the first request once more
 *   swap      the replies of two connections change places
 *   drop      one byte of the reply is left out, so that all after it is shifted
 *   extra     one byte too many after the reply
 *   cut       half of the reply, then close
 *   close     close instead of a reply
 *   stall     nothing, on this connection, from now on
 *   die       the server ends
 *   drip      the truth, a byte each tenth of a second
 *   full      every connection after the first EVERY is refused
 *   late      the truth, but only after 100 ms of standstill, once
 *   status    http: 404      bare    http: no Content-Length
 *   short     http: Content-Length is one more than there is
 *
 * Each request is taken to be whole in one read, so the client is to ask one at a
 * time. The truth of calc is what bc says, the truth of http a page of its own.
 * It serves one client after another in a poll loop, and ends with its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 1000
#define ROOM 70000

struct reply {
    size_t size;
    char text[ROOM];
};

struct liar {
    const char *service, *lie;
    long every, requests, accepted;
    unsigned used;
    struct pollfd set[CLIENTS];         /* [0] is the listener */
    struct reply first, held;           /* stale; swap */
    int holder;                         /* swap: whose reply is held, or -1 */
};

static int is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void frame(struct reply *r, const char *payload)
{
    r->size = (size_t)snprintf(r->text, sizeof r->text, "%zu@%s@", strlen(payload),
                               payload);
}

/* Only what loadgen asks. */
static void calculate(const char *request, struct reply *r)
{
    int64_t x, y, z = 0;
    int status = 0;
    char op, text[40];

    if (sscanf(request, "%*d@%" SCNd64 " %c %" SCNd64 "@", &x, &op, &y) != 3)
        status = 4;
    else if (op == '+')
        status = __builtin_add_overflow(x, y, &z) ? 3 : 0;
    else if (op == '-')
        status = __builtin_sub_overflow(x, y, &z) ? 3 : 0;
    else if (op == '*')
        status = __builtin_mul_overflow(x, y, &z) ? 3 : 0;
    else if (op != '/' && op != '%')
        status = 2;
    else if (y == 0)
        status = 1;
    else if (y == -1)
        status = op == '/' && __builtin_sub_overflow(0, x, &z) ? 3 : 0;
    else
        z = op == '/' ? x / y : x % y;
    snprintf(text, sizeof text, "%" PRId64 " %d", status ? 0 : z, status);
    frame(r, text);
}

static void page(const struct liar *l, int lying, struct reply *r)
{
    const char *code = lying && is(l->lie, "status") ? "404 Not Found" : "200 OK";
    int more = lying && is(l->lie, "short");
    char length[48] = "";

    if (!(lying && is(l->lie, "bare")))
        snprintf(length, sizeof length, "content-length: %d\r\n", 6 + more);
    r->size = (size_t)snprintf(r->text, sizeof r->text,
                               "HTTP/1.1 %s\r\nServer: liar\r\n%s\r\nhello\n", code,
                               length);
}

static void drop(struct liar *l, unsigned k)
{
    close(l->set[k].fd);
    l->set[k] = l->set[--l->used];
}

static void say(int fd, const struct reply *r)
{
    for (size_t done = 0; done < r->size;) {
        ssize_t n = send(fd, r->text + done, r->size - done, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

static void drip(int fd, const struct reply *r)
{
    for (size_t k = 0; k < r->size; k++) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        send(fd, r->text + k, 1, MSG_NOSIGNAL);
    }
}

/* Returns 0 when the connection is to be closed. */
static int lie(struct liar *l, int fd, struct reply *r)
{
    char *last = r->text + r->size - 2;     /* of calc, the status */

    if (is(l->lie, "flip"))
        *last ^= 1;
    else if (is(l->lie, "stale"))
        *r = l->first;
    else if (is(l->lie, "extra"))
        r->text[r->size++] = '6';
    else if (is(l->lie, "cut"))
        r->size /= 2;
    else if (is(l->lie, "drop"))
        memmove(r->text, r->text + 1, --r->size);
    else if (is(l->lie, "late"))
        nanosleep(&(struct timespec){0, l->requests == l->every ? 100000000 : 0}, NULL);
    if (is(l->lie, "drip")) {
        drip(fd, r);
        return 1;
    }
    if (is(l->lie, "die"))
        exit(3);
    if (is(l->lie, "close") || is(l->lie, "stall"))
        return is(l->lie, "stall");
    if (is(l->lie, "swap")) {
        if (l->holder < 0) {
            l->holder = fd;
            l->held = *r;
            return 1;
        }
        say(fd, &l->held);
        fd = l->holder;
        l->holder = -1;
    }
    say(fd, r);
    return !is(l->lie, "cut");
}

/* Returns 0 when the connection is to be closed. */
static int serve(struct liar *l, int fd)
{
    static char request[ROOM];
    static struct reply r;
    int lying = ++l->requests % l->every == 0;
    ssize_t n = recv(fd, request, sizeof request - 1, 0);

    if (n <= 0)
        return 0;
    /* The second half of a swap is due with the next request of another. */
    lying = lying || (l->holder >= 0 && l->holder != fd);
    request[n] = '\0';
    if (is(l->service, "calc")) {
        calculate(request, &r);
    } else if (is(l->service, "http")) {
        page(l, lying, &r);
    } else {
        memcpy(r.text, request, (size_t)n);
        r.size = (size_t)n;
    }
    if (l->requests == 1)
        l->first = r;
    if (lying && !is(l->lie, "full"))
        return lie(l, fd, &r);
    say(fd, &r);
    return 1;
}

static void accept_client(struct liar *l)
{
    int fd = accept(l->set[0].fd, NULL, NULL);
    struct reply no = {0};

    if (fd < 0)
        return;
    if (l->used < CLIENTS && !(is(l->lie, "full") && l->accepted == l->every)) {
        l->accepted++;
        l->set[l->used++] = (struct pollfd){.fd = fd, .events = POLLIN};
        return;
    }
    if (is(l->service, "calc"))
        frame(&no, "0 6");
    else if (is(l->service, "http"))
        no.size = (size_t)sprintf(no.text, "HTTP/1.1 503 Full\r\n\r\n");
    say(fd, &no);
    close(fd);
}

static int listen_at(struct sockaddr_in *a, int port)
{
    socklen_t size = sizeof *a;
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    memset(a, 0, sizeof *a);
    a->sin_family = AF_INET;
    a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a->sin_port = htons((in_port_t)port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)a, size) < 0 || listen(fd, 511) < 0
        || getsockname(fd, (struct sockaddr *)a, &size) < 0)
        return -1;
    return fd;
}

int main(int argc, char **argv)
{
    static struct liar l;
    struct sockaddr_in a;

    if (argc < 3) {
        fputs("usage: liar SERVICE LIE [EVERY [PORT]]\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    l.service = argv[1];
    l.lie = argv[2];
    l.every = argc > 3 && atol(argv[3]) > 0 ? atol(argv[3]) : 50;
    l.holder = -1;
    l.set[0].fd = listen_at(&a, argc > 4 ? atoi(argv[4]) : 0);
    l.set[0].events = POLLIN;
    l.used = 1;
    if (l.set[0].fd < 0) {
        perror("liar: listen");
        return 1;
    }
    printf("liar: serving %s with %s on 127.0.0.1:%u\n", l.service, l.lie,
           ntohs(a.sin_port));
    fflush(stdout);
    while (poll(l.set, l.used, -1) > 0) {
        for (unsigned k = l.used - 1; k > 0; k--)
            if (l.set[k].revents && !serve(&l, l.set[k].fd))
                drop(&l, k);
        if (l.set[0].revents)
            accept_client(&l);
    }
    return 0;
}
