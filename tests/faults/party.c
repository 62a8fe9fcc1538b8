/* party.c - the poll loop that drives the guests. */
#define _GNU_SOURCE
#include "party.h"

#include "../lib/check.h"
#include "../lib/guard.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_BUFFER = 2048 }; /* the kernel doubles it: socket(7) */

void party_enter(struct party *party, const struct server *server)
{
    const struct guest *guests = guests_for(server->service);

    memset(party, 0, sizeof *party);
    party->server = server;
    for (size_t i = 0; i < PARTY_GUESTS; i++) {
        struct seat *seat = &party->seats[i];

        seat->guest = &guests[i];
        seat->fd = -1;
        seat->out_length = strlen(guests[i].out);
        seat->want_length = strlen(guests[i].want);
    }
}

static void seat_leave(struct seat *seat)
{
    if (seat->fd >= 0)
        close(seat->fd);
    seat->fd = -1;
    seat->done = true;
}

static void seat_lose(struct seat *seat)
{
    seat->lost = true;
    seat_leave(seat);
}

static void seat_connect(struct seat *seat, const struct server *server)
{
    const struct sockaddr *address = (const struct sockaddr *)&server->address;
    int small = SMALL_BUFFER, result;

    seat->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(seat->fd >= 0, "socket: %s", strerror(errno));
    setsockopt(seat->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    result = connect(seat->fd, address, server->address_len);
    check(result == 0, "%s cannot connect: %s", seat->guest->name, strerror(errno));
}

/* How many bytes it may send now. */
static size_t seat_allowance(const struct seat *seat)
{
    const struct guest *guest = seat->guest;
    size_t until = seat->out_length;

    if (guest->unit_want)
        until = (seat->got / guest->unit_want + 1) * guest->unit_out;
    if (until > seat->out_length)
        until = seat->out_length;
    if (until <= seat->sent)
        return 0;
    return guest->step && until - seat->sent > guest->step ? guest->step
                                                           : until - seat->sent;
}

static void seat_send(struct seat *seat)
{
    ssize_t n = send(seat->fd, seat->guest->out + seat->sent, seat_allowance(seat),
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) { /* what was sent to us before may still be read */
        seat->sent = seat->out_length;
        return;
    }
    seat->sent += (size_t)n;
    if (seat->sent == seat->out_length && seat->guest->half_closes)
        shutdown(seat->fd, SHUT_WR);
    if (seat->sent == seat->out_length && seat->guest->breaks_off) {
        struct linger reset = { .l_onoff = 1, .l_linger = 0 };

        setsockopt(seat->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        seat_leave(seat);
    }
}

/* A client for whom there is no room or no memory may be told so. */
static bool seat_was_refused(const struct seat *seat, const char *bytes, size_t length)
{
    static const char full[] = "3@0 6@", full_http[] = "503\n";

    return seat->got == 0
           && ((length == sizeof full - 1 && memcmp(bytes, full, length) == 0)
            || (length == sizeof full_http - 1 && memcmp(bytes, full_http, length) == 0));
}

static void seat_take(struct seat *seat, const char *bytes, size_t length)
{
    const struct guest *guest = seat->guest;
    size_t left = seat->want_length - seat->got;

    if (length > left || memcmp(bytes, guest->want + seat->got, length) != 0) {
        if (seat_was_refused(seat, bytes, length)) {
            seat_lose(seat);
            return;
        }
        check_bytes(guest->name, guest->want + seat->got, left, bytes, length);
    }
    seat->got += length;
    if (seat->got == seat->want_length && !guest->is_ended && !guest->breaks_off) {
        if (!guest->stays)
            seat_leave(seat);
        seat->done = true;
    }
}

static void seat_receive(struct seat *seat, const char *service)
{
    char bytes[PARTY_READ], digest[PARTY_READ];
    bool is_http = strcmp(service, "http") == 0;
    ssize_t n = recv(seat->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        if (n == 0 && seat->got == seat->want_length && seat->guest->is_ended)
            seat_leave(seat);
        else
            seat_lose(seat);
        return;
    }
    if (is_http)
        n = (ssize_t)reply_digest(seat, bytes, (size_t)n, digest);
    seat_take(seat, is_http ? digest : bytes, (size_t)n);
}

/* The turn that is on: the lowest one of those not done. */
static enum turn party_turn(const struct party *party)
{
    enum turn turn = ALL_DONE;

    for (size_t i = 0; i < PARTY_GUESTS; i++)
        if (!party->seats[i].done && party->seats[i].guest->turn < turn)
            turn = party->seats[i].guest->turn;
    return turn;
}

static void seat_look(const struct seat *seat, enum turn turn, struct pollfd *slot)
{
    slot->fd = seat->done ? -1 : seat->fd;
    slot->events = 0;
    slot->revents = 0;
    if (seat->guest->turn <= turn)
        slot->events |= POLLIN;
    if (seat->sent < seat->out_length && seat_allowance(seat) > 0)
        slot->events |= POLLOUT;
    if (!slot->events) /* POLLHUP cannot be masked: do not look at all */
        slot->fd = -1;
}

static void seat_begin(struct seat *seat, const struct server *server)
{
    seat_connect(seat, server);
    if (seat->out_length == 0 && seat->guest->half_closes)
        shutdown(seat->fd, SHUT_WR);
}

static void party_wait_in_vain(const struct party *party)
{
    for (size_t i = 0; i < PARTY_GUESTS; i++) {
        const struct seat *seat = &party->seats[i];

        if (!seat->done)
            check_fail("%s waits in vain: %zu of %zu bytes sent, %zu of %zu received",
                       seat->guest->name, seat->sent, seat->out_length, seat->got,
                       seat->want_length);
    }
}

/* Bytes sent and received, and connections over: what the guard waits for. */
static size_t party_progress(const struct party *party)
{
    size_t sum = 0;

    for (size_t i = 0; i < PARTY_GUESTS; i++)
        sum += party->seats[i].sent + party->seats[i].got + party->seats[i].done;
    return sum;
}

int party_play(struct party *party)
{
    double end = guard_end();
    size_t progress = 0, before;
    enum turn turn;
    int lost = 0;

    while ((turn = party_turn(party)) != ALL_DONE) {
        struct pollfd slots[PARTY_GUESTS];

        for (size_t i = 0; i < PARTY_GUESTS; i++) {
            struct seat *seat = &party->seats[i];

            if (seat->fd < 0 && !seat->done
                && (seat->guest->turn != COMES_LATE || turn == COMES_LATE))
                seat_begin(seat, party->server);
            seat_look(seat, turn, &slots[i]);
        }
        if (poll(slots, PARTY_GUESTS, guard_left(end)) == 0)
            party_wait_in_vain(party);
        before = progress;
        for (size_t i = 0; i < PARTY_GUESTS; i++) {
            struct seat *seat = &party->seats[i];

            if (slots[i].revents & POLLOUT)
                seat_send(seat);
            if (seat->fd >= 0 && slots[i].revents & (POLLIN | POLLHUP | POLLERR))
                seat_receive(seat, party->server->service);
        }
        if ((progress = party_progress(party)) != before)
            end = guard_end();
    }
    for (size_t i = 0; i < PARTY_GUESTS; i++)
        lost += party->seats[i].lost;
    return lost;
}

int party_present(const struct party *party)
{
    int present = 0;

    for (size_t i = 0; i < PARTY_GUESTS; i++)
        present += party->seats[i].fd >= 0;
    return present;
}

void party_leave(struct party *party)
{
    double end = guard_end();

    for (size_t i = 0; i < PARTY_GUESTS; i++) {
        struct seat *seat = &party->seats[i];
        char byte;

        if (seat->fd < 0)
            continue;
        check(guard_wait(seat->fd, POLLIN, end),
              "%s was not told that the server stops", seat->guest->name);
        check(recv(seat->fd, &byte, 1, MSG_DONTWAIT) <= 0,
              "%s received something nobody asked for when the server stopped",
              seat->guest->name);
        seat_leave(seat);
    }
}
