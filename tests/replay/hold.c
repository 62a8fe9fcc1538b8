/* The half of books.h that doubts it: what /proc and the server's own ledger say. */
#define _GNU_SOURCE
#include "books.h"

#include "../lib/check.h"
#include "../lib/witness.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { TCP_IS_LAST_ACK = 9 };

/* The socket itself: its queue, its state, and what poll(2) says that it is ready for. */
static void hold_socket(const struct books *b, const struct tracee *t, int fd)
{
    const struct peer *p = &b->peers[b->slots[fd].who - 'A'];
    struct tracee_socket s = tracee_ask(t, fd);
    int due = (int)(p->said - p->taken) + (strcmp(books_crook, "a-byte-more") == 0);
    uint32_t ready = books_readiness(b, fd);

    check(s.unread == due, "derived: %d bytes wait in the socket of descriptor %d; it says %d",
          due, fd, s.unread);
    check((s.state == TCP_IS_CLOSE_WAIT || s.state == TCP_IS_LAST_ACK) == p->fin,
          "derived: client %c has%s finished; its socket is in state %d", b->slots[fd].who,
          p->fin ? "" : " not", s.state);
    check((uint32_t)s.ready == ready, "derived: descriptor %d is ready for %#x; poll says %#x",
          fd, ready, s.ready);
}

/* The same of all of them, as the system lists them. /proc/net/tcp counts a FIN that has not
 * been read as a byte, except where it came with the last ones that were. */
static void hold_table(const struct books *b, int port)
{
    static struct tcp_socket all[SOCKETS_MOST];
    int n = witness_sockets(port, all);

    check(n > 0, "no socket in /proc/net/tcp");
    for (int i = 0; i < n; i++) {
        if (all[i].state == TCP_IS_LISTENING)
            check(all[i].unread == (unsigned long)b->waiting, "derived: %d clients wait to be"
                  " accepted; the listener says %lu", b->waiting, all[i].unread);
        for (int k = 0; k < PEERS; k++) {
            const struct peer *p = &b->peers[k];
            unsigned long due = p->said - p->taken;

            if (p->slot >= 0 && p->port == all[i].peer)
                check(all[i].unread == due || (p->fin && all[i].unread == due + 1),
                      "derived: %lu bytes of client %c wait; /proc/net/tcp says %lu", due,
                      'A' + k, all[i].unread);
        }
    }
}

/* The kernel adds ERR and HUP to what it is asked. */
static void hold_interest(const struct books *b, const struct tracee *t)
{
    static struct interest all[INTEREST_MOST];
    const struct tree own = { 1, { t->server.pid } };
    const uint32_t added = EPOLLERR | EPOLLHUP;
    bool told;
    int n = witness_interest(&own, all, &told), listed = n;

    check(told, "cannot read /proc/%d/fdinfo", (int)t->server.pid);
    for (int i = 0; i < n; i++) {
        int fd = all[i].fd;

        check(fd < FDS && b->slots[fd].listed
                  && (b->slots[fd].interest | added) == (all[i].events | added),
              "derived: descriptor %d is watched for %#x; the kernel's list says %#x", fd,
              fd < FDS ? b->slots[fd].interest : 0, all[i].events);
    }
    for (int fd = 0; fd < b->top; fd++)
        listed -= b->slots[fd].listed;
    check(listed == 0, "derived: an interest list with %d entries %s", listed < 0 ? -listed
          : listed, listed < 0 ? "more than the kernel's" : "fewer than the kernel's");
}

void books_hold(const struct books *b, const struct tracee *t)
{
    for (int fd = 0; fd < b->top; fd++)
        if (b->slots[fd].who >= 'A' && b->slots[fd].who < 'A' + PEERS)
            hold_socket(b, t, fd);
    if (b->epoll >= 0)
        hold_interest(b, t);
}

void books_hold_system(const struct books *b, const struct tracee *t)
{
    hold_table(b, ntohs(((const struct sockaddr_in *)&t->server.address)->sin_port));
}

static void hold_figure(const char *table, const char *name, uint64_t due)
{
    char word[40];
    const char *line;
    uint64_t said = 0;

    snprintf(word, sizeof word, "\n  %s ", name);
    line = strstr(table, word);
    check(line != NULL && sscanf(line + strlen(word), "%" SCNu64, &said) == 1,
          "the server's ledger has no figure '%s'", name);
    check(said == due, "derived: %s %" PRIu64 "; the server's ledger says %" PRIu64, name, due,
          said);
}

void books_hold_ledger(const struct books *b, const char *table)
{
    const struct ledger *l = &b->ledger;

    hold_figure(table, "accepted", l->accepted);
    hold_figure(table, "now", l->now);
    hold_figure(table, "requests", l->requests);
    hold_figure(table, "bytes_in", l->bytes_in);
    hold_figure(table, "bytes_out", l->bytes_out);
    hold_figure(table, "waits", l->waits);
    hold_figure(table, "watched", l->watched);
    hold_figure(table, "ready", l->ready);
    hold_figure(table, "scanned", l->scanned);
    hold_figure(table, "kernel_bytes", l->kernel_bytes);
    hold_figure(table, "interest_calls", l->interest_calls);
    hold_figure(table, "accept_calls", l->accept_calls);
    hold_figure(table, "read_calls", l->read_calls);
    hold_figure(table, "write_calls", l->write_calls);
    hold_figure(table, "would_block", l->would_block);
}
