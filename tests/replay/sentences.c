#define _GNU_SOURCE
#include "sentences.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *sentence_events(uint32_t events, char to[64])
{
    static const struct { uint32_t bit; const char *name; } names[] = {
        { EPOLLIN, " IN" }, { EPOLLOUT, " OUT" }, { EPOLLPRI, " PRI" },
        { EPOLLRDHUP, " RDHUP" }, { EPOLLHUP, " HUP" }, { EPOLLERR, " ERR" },
        { EPOLLET, " ET" }
    };

    to[0] = to[1] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (events & names[i].bit)
            strcat(to, names[i].name);
    if (to[0] == '\0')
        strcpy(to, " none");
    return to + 1;
}

void sentence_name(const struct books *b, int fd, char to[60])
{
    char who = fd >= 0 && fd < FDS ? b->slots[fd].who : NOBODY;

    if (who == LISTENER)
        snprintf(to, 60, "the listener (fd %d)", fd);
    else if (who == SIGNALS)
        snprintf(to, 60, "the self-pipe (fd %d)", fd);
    else if (who >= 'A' && who <= 'Z')
        snprintf(to, 60, "client %c (fd %d)", who, fd);
    else
        snprintf(to, 60, "fd %d", fd);
}

static void append(char *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char *to, const char *format, ...)
{
    size_t used = strlen(to);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(to + used, SAID - used, format, arguments);
    va_end(arguments);
}

static const char *plural(long n)
{
    return n == 1 ? "" : "s";
}

/* The descriptors that one set of a select holds, as {3 4 7-1006}. */
void sentence_set(char *to, const struct books *b, uint32_t bit, bool reported)
{
    bool first = true;

    append(to, "{");
    for (int fd = 0; fd < b->top; fd++) {
        int last = fd;

#define IN_SET(i) ((reported ? b->slots[i].reported \
                             : b->slots[i].listed ? b->slots[i].interest : 0) & bit)
        if (!IN_SET(fd))
            continue;
        while (last + 1 < b->top && IN_SET(last + 1))
            last++;
        if (last < fd + 2)
            last = fd;
        append(to, "%s%d", first ? "" : " ", fd);
        if (last > fd)
            append(to, "–%d", last);
        fd = last;
        first = false;
#undef IN_SET
    }
    append(to, "}");
}

/* The array of a poll: the first and last entries where it is long. */
static void append_array(char *to, const struct books *b, bool reported)
{
    char events[64];
    bool gap = false;

    append(to, "[");
    for (int i = 0; i < b->described; i++) {
        int fd = b->array[i];

        if (b->described > 8 && i > 2 && i < b->described - 1
            && !(reported && fd >= 0 && b->slots[fd].reported)) {
            append(to, "%s", gap ? "" : " …");
            gap = true;
            continue;
        }
        gap = false;
        if (reported && (fd < 0 || b->slots[fd].reported == 0))
            continue;
        append(to, "%s{%d %s}", to[strlen(to) - 1] == '[' ? "" : " ", fd, fd < 0 ? "ignored"
               : sentence_events(reported ? b->slots[fd].reported : b->slots[fd].interest,
                                 events));
    }
    append(to, "]");
}

static const char *timeout_text(const struct books *b)
{
    return b->timeout < 0 ? "-1" : b->timeout > 0 ? "0.1 s" : "0";
}

/* The wait as far as its arguments are known. */
static void append_wait(char *to, const struct books *b)
{
    switch (b->kind) {
    case BY_SELECT:
        append(to, "select(%d, ", b->described);
        sentence_set(to, b, EPOLLIN, false);
        append(to, ", ");
        sentence_set(to, b, EPOLLOUT, false);
        append(to, ", NULL, %s)", b->timeout < 0 ? "NULL" : timeout_text(b));
        break;
    case BY_POLL:
        append(to, "poll(");
        append_array(to, b, false);
        append(to, ", %d, %s)", b->described, timeout_text(b));
        break;
    default:
        append(to, "epoll_wait(%d, …, 512, %s)", b->epoll, timeout_text(b));
        break;
    }
}

void sentence_of_wait(struct moment *m)
{
    const struct books *b = &m->after;
    int entries = 0;
    bool ready = false;

    append_wait(m->call, b);
    if (b->kind == BY_SELECT || b->kind == BY_POLL) {
        for (int fd = 0; fd < b->top; fd++)
            entries += b->slots[fd].listed;
        append(m->sentence, "The program describes %d descriptors to %s, all of them once"
               " more, and ", entries, lane_waits[b->kind]);
    } else {
        append(m->sentence, "The program describes nothing to epoll_wait, and ");
    }
    for (int fd = 0; fd < b->top; fd++)
        ready |= b->slots[fd].listed && (b->slots[fd].interest & books_readiness(b, fd)) != 0
                 && b->kind != BY_EPOLL_ET;
    append(m->sentence, "%s", b->timeout == 0 ? "gives it no time to sleep: it has work left."
           : ready || b->ready_count > 0 ? "cannot sleep: something is ready."
           : b->timeout > 0 ? "sleeps, for 0.1 s at most." : "sleeps.");
}

static void of_wait_returned(struct moment *m, const struct books *before)
{
    const struct books *b = &m->after;
    char events[64], name[60];
    bool many = b->reports > 4;
    int told = 0;

    append_wait(m->call, before);
    append(m->call, " = %d", b->reports);
    append(m->sentence, "%s returns %d: ", lane_waits[b->kind], b->reports);
    if (b->kind == BY_SELECT && b->reports > 0) {
        append(m->call, " ");
        sentence_set(m->call, b, EPOLLIN, true);
        append(m->call, " ");
        sentence_set(m->call, b, EPOLLOUT, true);
    }
    for (int fd = 0; fd < b->top && !many; fd++) {
        if (b->slots[fd].reported == 0)
            continue;
        sentence_name(b, fd, name);
        sentence_events(b->slots[fd].reported, events);
        append(m->sentence, "%s%s is ready for %s", told++ ? ", " : "", name, events + 1);
        if (b->kind != BY_SELECT)
            append(m->call, " {%d %s}", fd, events + 1);
    }
    append(m->sentence, "%s", b->reports == 0 ? "nothing is ready." : many ? "many." : ".");
}

static void of_accept(struct moment *m, const struct tracee *t)
{
    const struct books *b = &m->after;
    char name[60];

    append(m->call, "accept4(%lu, …) = ", t->argument[0]);
    if (t->result >= 0) {
        sentence_name(b, (int)t->result, name);
        append(m->call, "%ld", t->result);
        append(m->sentence, "The program accepts %s.", name);
    } else if (t->result == -EAGAIN) {
        append(m->call, "EAGAIN");
        append(m->sentence, "The program asks for one more client: EAGAIN, nobody waits.");
    } else {
        append(m->call, "%s", t->result == -EMFILE ? "EMFILE" : "error");
        append(m->sentence, "accept fails with %s: no descriptor is left%s",
               t->result == -EMFILE ? "EMFILE" : "an error", b->waiting > 0
               ? ". The client stays in the backlog, and the listener stays ready."
               : ", though nobody waits.");
    }
}

static void of_recv(struct moment *m, const struct books *before, const struct tracee *t)
{
    const struct books *b = &m->after;
    unsigned long more = (unsigned long)(b->ledger.requests - before->ledger.requests);
    char name[60];

    sentence_name(before, (int)t->argument[0], name);
    append(m->call, "recv(%lu, …, %lu) = ", t->argument[0], t->argument[2]);
    if (t->result == -EAGAIN) {
        append(m->call, "EAGAIN");
        append(m->sentence, "The program asks %s for more: EAGAIN, nothing is there.", name);
    } else if (t->result == 0) {
        append(m->call, "0");
        append(m->sentence, "recv of %s gives 0: the FIN. It has finished.", name);
    } else {
        append(m->call, "%ld", t->result);
        append(m->sentence, "The program receives %ld byte%s of %s: ", t->result,
               plural(t->result), name);
        if (more > 0)
            append(m->sentence, "%lu request%s complete.", more, more == 1 ? " is" : "s are");
        else
            append(m->sentence, "no request is complete.");
    }
}

static void of_send(struct moment *m, const struct books *before, const struct tracee *t)
{
    char name[60];
    long left = (long)t->argument[2] - t->result;

    sentence_name(before, (int)t->argument[0], name);
    append(m->call, "send(%lu, …, %lu) = ", t->argument[0], t->argument[2]);
    if (t->result == -EAGAIN) {
        append(m->call, "EAGAIN");
        append(m->sentence, "The program sends to %s: EAGAIN, its send buffer is full.", name);
        return;
    }
    append(m->call, "%ld", t->result);
    append(m->sentence, "The program sends %ld byte%s to %s", t->result, plural(t->result), name);
    if (left > 0)
        append(m->sentence, "; the send buffer is full, and %ld wait in the program", left);
    append(m->sentence, ".");
}

static void of_control(struct moment *m, const struct tracee *t)
{
    const struct books *b = &m->after;
    const struct slot *s = &b->slots[t->argument[2]];
    bool add = t->argument[1] == EPOLL_CTL_ADD;
    char name[60], events[64];

    sentence_name(b, (int)t->argument[2], name);
    append(m->call, "epoll_ctl(%lu, EPOLL_CTL_%s, %lu, %s) = 0", t->argument[0],
           add ? "ADD" : "MOD", t->argument[2], sentence_events(s->interest, events));
    append(m->sentence, "The program tells the kernel: watch %s %sfor %s.", name,
           add ? "" : "now ", sentence_events(s->interest, events));
}

void sentence_of_call(struct moment *m, const struct books *before, const struct tracee *t)
{
    char name[60];

    sentence_name(before, (int)t->argument[0], name);
    switch (t->class) {
    case CALL_IS_SELECT: case CALL_IS_POLL: case CALL_IS_EPOLL_WAIT:
        of_wait_returned(m, before);
        break;
    case CALL_IS_CONTROL: of_control(m, t); break;
    case CALL_IS_ACCEPT: of_accept(m, t); break;
    case CALL_IS_RECV: of_recv(m, before, t); break;
    case CALL_IS_SEND: of_send(m, before, t); break;
    case CALL_IS_SHUTDOWN:
        append(m->call, "shutdown(%lu, SHUT_WR) = 0", t->argument[0]);
        append(m->sentence, "The program sends its own FIN to %s.", name);
        break;
    case CALL_IS_CLOSE:
        append(m->call, "close(%lu) = 0", t->argument[0]);
        append(m->sentence, "The program closes %s.", name);
        break;
    case CALL_IS_SAY: case CALL_IS_OTHER: break;
    }
}

/* "client A says 9@10 + " */
void sentence_of_act(struct moment *m, const char *act)
{
    int requests;

    if (sscanf(act + 2, "asks %d", &requests) == 1)
        append(m->sentence, "Client %c asks for %d sums, and does not read the replies.",
               act[0], requests);
    else if (strcmp(act + 2, "reads") == 0)
        append(m->sentence, "Client %c reads all that has been sent to it.", act[0]);
    else
        append(m->sentence, "Client %s.", act);
}

/* Who is told of it: epoll puts the descriptor on its ready list; select and poll only wake
 * the sleeper, and search when they are awake. */
void sentence_of_note(struct moment *m, int peer)
{
    const struct books *b = &m->after;
    const struct peer *p = &b->peers[peer];
    uint32_t waits = p->said - p->taken;
    char name[60];
    bool on = false;

    sentence_name(b, p->slot, name);
    if (p->slot < 0)
        append(m->sentence, "Client %c waits in the backlog", 'A' + peer);
    else if (waits > 0)
        append(m->sentence, "%u byte%s wait%s in the socket of %s%s", waits,
               plural((long)waits), waits == 1 ? "s" : "", name,
               p->fin ? ", and a FIN behind them" : "");
    else if (p->fin)
        append(m->sentence, "A FIN waits in the socket of %s", name);
    else
        append(m->sentence, "The send buffer of %s has room", name);
    if (b->kind == BY_EPOLL_LT || b->kind == BY_EPOLL_ET) {
        for (int i = 0; i < b->ready_count; i++)
            on |= b->slots[b->ready[i]].who == (p->slot < 0 ? LISTENER : 'A' + peer);
        append(m->sentence, on ? "; epoll has put %s on its ready list."
               : "; it is not watched for that, so %s is not on epoll's ready list.",
               p->slot < 0 ? "the listener" : name);
    } else {
        append(m->sentence, "; the kernel keeps no list.");
    }
}
