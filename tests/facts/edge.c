/* EPOLLET: what is told once, and what is told again. */
#define _GNU_SOURCE
#include "fact.h"
#include "kit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void try_once(void)
{
    int level = make_epoll(), edge = make_epoll(), pair[2], levels = 0, edges = 0;

    make_pair(pair);
    watch(level, pair[0], EPOLLIN);
    watch(edge, pair[0], EPOLLIN | EPOLLET);
    say(pair[1], "hello");
    for (int i = 0; i < 3; i++) {       /* and nobody reads */
        levels += told(level, 0) == EPOLLIN;
        edges += told(edge, 0) == EPOLLIN;
    }
    promised(levels == 3 && edges == 1,
             "5 bytes come and nobody reads; of 3 waits, %d report them with level trigger, "
             "%d with edge trigger",
             levels, edges);
}

static const struct fact once = {
    .name = "edge/once", .run = try_once,
    .claim = "An event is reported until I have read everything.",
    .verdict = FACT_DEPENDS,
    .answer = "on the trigger. Level trigger reports a state, in each wait while it lasts. "
              "Edge trigger (EPOLLET) reports that something has come, once. select and poll "
              "are level-triggered.",
    .question = "What is the difference between level and edge trigger?",
    .reply = "Level repeats a report while it is true; edge tells it once.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*",
    .see = "[exhibit](museum/read-once.md), "
           "[rung 11](ladder/11-edge.c), [epoll_et_server](../epoll_et_server/README.md), "
           "[lab 3](labs/03-level-and-edge.md)",
};

static void try_kept(void)
{
    int edge = make_epoll(), pair[2];
    char text[8];
    ssize_t first, rest;
    uint32_t again;

    make_pair(pair);
    watch(edge, pair[0], EPOLLIN | EPOLLET);
    say(pair[1], "hello");
    MUST(told(edge, 0) == EPOLLIN ? 0 : -1);
    first = recv(pair[0], text, 2, 0);
    again = told(edge, 0);
    rest = recv(pair[0], text, sizeof text, 0);
    promised(first == 2 && again == 0 && rest == 3,
             "%zd of 5 bytes read; the next wait reports %s; the next recv returns %zd",
             first, bits(again), rest);
}

static const struct fact kept = {
    .name = "edge/kept", .run = try_kept,
    .claim = "With edge trigger, data that I do not read is lost.",
    .verdict = FACT_FALSE,
    .answer = "The data stays in the socket, only the report is not repeated. What is lost "
              "is the knowledge that something is there; the program must keep it (a ready "
              "list), or read until EAGAIN.",
    .question = "Is unread data lost with edge trigger?",
    .reply = "No. Only the report is not repeated.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*",
    .see = "[rung 11](ladder/11-edge.c), "
           "[epoll_et_server](../epoll_et_server/README.md#what-the-kernel-gives-back)",
};

static void try_arrival(void)
{
    int edge = make_epoll(), pair[2], edges = 0;

    make_pair(pair);
    watch(edge, pair[0], EPOLLIN | EPOLLET);
    for (int i = 0; i < 3; i++) {       /* and nobody reads */
        say(pair[1], "x");
        edges += told(edge, 0) == EPOLLIN;
    }
    promised(edges == 3, "3 times a byte comes, and nobody reads: %d reports", edges);
}

static const struct fact arrival = {
    .name = "edge/arrival", .run = try_arrival,
    .claim = "An edge comes only when an empty socket gets data.",
    .verdict = FACT_FALSE,
    .answer = "Each arrival is an edge, even if the socket was not empty. So a server that "
              "reads too little often seems to work: the next request brings the rest of "
              "this one to light. It hangs with the client that waits for its reply before "
              "it sends more.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*: multiple chunks of data",
    .see = "[epoll_et_server](../epoll_et_server/README.md#2-small-reads)",
    .taught = "the description of Stack Overflow's tag *epollet* (kept at "
              "<https://wiki.gubat.org/content/stackoverflow.com_en_all_2023-11/questions/tagged/epollet>) "
              "and an answer at <https://www.e-learn.cn/qa/answer/566730/1475155.html> say "
              "that nothing is reported until all data has been read.",
};

static void try_out(void)
{
    int edge = make_epoll(), pair[2];
    uint32_t first, second, with_data, full, room;

    make_pair(pair);
    watch(edge, pair[0], EPOLLIN | EPOLLOUT | EPOLLET);
    first = told(edge, 0);
    second = told(edge, 0);
    say(pair[1], "x");
    with_data = told(edge, 0);
    promised(first == EPOLLOUT && second == 0, "after ADD: %s; then: %s", bits(first),
             bits(second));
    here(with_data == (EPOLLIN | EPOLLOUT), "a byte comes: %s", bits(with_data));
    fill(pair[0]);
    full = told(edge, 0);
    while (recv(pair[1], &(char[65536]){ 0 }, 65536, 0) > 0)
        ;
    room = told(edge, 0);
    promised(full == 0 && (room & EPOLLOUT),
             "a write has met EAGAIN: %s; the peer has read all: %s", bits(full),
             bits(room & EPOLLOUT));
}

static const struct fact out = {
    .name = "edge/out", .run = try_out,
    .claim = "Registered for IN, OUT and ET from the start, OUT comes once and never again.",
    .verdict = FACT_FALSE,
    .answer = "OUT comes again after a write has met EAGAIN and room is there. And each "
              "report carries all bits that hold at that moment, so OUT comes along with "
              "each IN. A server can register for everything once and never call MOD.",
    .question = "Must I call EPOLL_CTL_MOD for EPOLLOUT with edge trigger?",
    .reply = "No. Register once for everything.",
    .documented = "epoll(7), *Questions and answers*",
    .see = "[epoll_et_server](../epoll_et_server/README.md#what-the-program-tells-the-kernel), "
           "[lab 4](labs/04-write-interest.md)",
};

static void try_mod(void)
{
    int edge = make_epoll(), pair[2];
    struct epoll_event e = { .events = EPOLLIN | EPOLLET };
    uint32_t first, second, after_mod;

    make_pair(pair);
    say(pair[1], "x");
    MUST(epoll_ctl(edge, EPOLL_CTL_ADD, pair[0], &e));
    first = told(edge, 0);
    second = told(edge, 0);
    MUST(epoll_ctl(edge, EPOLL_CTL_MOD, pair[0], &e));
    after_mod = told(edge, 0);
    promised(first == EPOLLIN && second == 0,
             "data is there before ADD: %s is reported; then: %s", bits(first), bits(second));
    here(after_mod == EPOLLIN, "after MOD with the same events: %s", bits(after_mod));
}

static const struct fact mod = {
    .name = "edge/mod", .run = try_mod,
    .claim = "What was there before EPOLL_CTL_ADD raises no edge.",
    .verdict = FACT_FALSE,
    .answer = "ADD and MOD look at the descriptor and report what holds then. So no event is "
              "lost between accept and ADD, and a MOD with the same events is a way to be "
              "told again.",
    .question = "Is an event lost between accept and EPOLL_CTL_ADD?",
    .reply = "No. ADD reports what is there.",
    .documented = "epoll(7): the events of a ready descriptor are reported",
    .see = "[epoll_et_server](../epoll_et_server/README.md)",
};

static void try_short_read(void)
{
    int edge = make_epoll(), pair[2];
    char text[64];
    uint32_t first, second;
    ssize_t n, after;

    make_pair(pair);
    say(pair[1], "bye");
    MUST(shutdown(pair[1], SHUT_WR));
    watch(edge, pair[0], EPOLLIN | EPOLLRDHUP | EPOLLET);
    first = told(edge, 0);
    n = recv(pair[0], text, sizeof text, 0);
    second = told(edge, 0);
    after = recv(pair[0], text, sizeof text, 0);
    promised(
        first == (EPOLLIN | EPOLLRDHUP) && n == 3 && second == 0 && after == 0,
        "3 bytes and a FIN: %s; recv of 64 returns %zd; the next wait: %s; the next recv "
        "returns %zd, the end",
        bits(first), n, bits(second), after);
}

static const struct fact short_read = {
    .name = "edge/short-read", .run = try_short_read,
    .claim = "A read that returns less than I asked for has drained the socket.",
    .verdict = FACT_DEPENDS,
    .answer = "on what stands behind the data. For data alone it is so, and it saves the "
              "recv that meets EAGAIN. But a FIN that came with the data raises no edge of "
              "its own: watch RDHUP, and where it was reported read on until 0.",
    .question = "Must I read until EAGAIN?",
    .reply = "With edge trigger: until EAGAIN, or a short read without RDHUP.",
    .documented = "epoll(7), *Questions and answers*",
    .see = "[rung 12](ladder/12-drain.c), "
           "[epoll_et_server](../epoll_et_server/README.md#what-it-costs)",
};

static void try_accept(void)
{
    int edge = make_epoll(), listener = make_listener(), accepted = 0;
    uint32_t first, second;

    for (int i = 0; i < 3; i++)
        say(make_client(listener), "x");
    watch(edge, listener, EPOLLIN | EPOLLET);
    first = told(edge, 0);
    MUST(accept(listener, NULL, NULL));
    second = told(edge, 0);
    while (accept(listener, NULL, NULL) >= 0)
        accepted++;
    promised(first == EPOLLIN && second == 0 && accepted == 2,
             "3 clients: %s; after one accept the next wait reports %s; %d clients were "
             "still there",
             bits(first), bits(second), accepted);
}

static const struct fact accept_loop = {
    .name = "edge/accept", .run = try_accept,
    .claim = "One accept for each event of the listener is enough.",
    .verdict = FACT_DEPENDS,
    .answer = "on the trigger. With level trigger it is, since the listener is reported "
              "again. With edge trigger a burst of clients is one edge: accept until EAGAIN, "
              "on a non-blocking listener.",
    .question = "Why must I call accept in a loop?",
    .reply = "With edge trigger, several clients are one event.",
    .documented = "epoll(7), *Level-triggered and edge-triggered*",
    .see = "[exhibit](museum/accept-once.md), "
           "[rung 12](ladder/12-drain.c), "
           "[comparison](comparison.md#what-the-program-must-remember)",
};

static void try_emfile(void)
{
    int level = make_epoll(), edge = make_epoll(), listener = make_listener();
    int client = make_client(listener), levels = 0, edges = 0, refused, spare, late;
    struct rlimit limit;
    uint32_t freed;

    say(client, "x");
    watch(level, listener, EPOLLIN);
    watch(edge, listener, EPOLLIN | EPOLLET);
    spare = MUST(dup(listener));
    MUST(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = (rlim_t)spare + 1;
    MUST(setrlimit(RLIMIT_NOFILE, &limit));
    refused = accept(listener, NULL, NULL) < 0 ? errno : 0;
    for (int i = 0; i < 3; i++) {
        levels += told(level, 0) == EPOLLIN;
        edges += told(edge, 0) == EPOLLIN;
    }
    promised(refused == EMFILE && levels == 3 && edges == 1,
             "accept fails with %s; of 3 waits, %d report the listener with level trigger, "
             "%d with edge trigger",
             refused == EMFILE ? "EMFILE" : strerror(refused), levels, edges);
    MUST(close(spare));
    freed = told(edge, 0);
    late = accept(listener, NULL, NULL);
    promised(freed == 0 && late >= 0, "a descriptor is free again: edge trigger reports %s; "
             "accept %s", bits(freed), late >= 0 ? "finds the client" : "fails");
}

static const struct fact emfile = {
    .name = "edge/emfile", .run = try_emfile,
    .claim = "Out of descriptors (EMFILE), the server just waits until one is free.",
    .verdict = FACT_FALSE,
    .answer = "The client stays in the backlog, so the listener stays readable. With level "
              "trigger each wait returns at once, and the loop spins. With edge trigger "
              "nobody is told when a descriptor is free: the client waits for ever. Stop "
              "watching the listener, note it, and go on when a client has left.",
    .question = "What do I do about EMFILE (too many open files)?",
    .reply = "Stop watching the listener until a client has left.",
    .documented = "accept(2), *EMFILE*; epoll(7)",
    .see = "[exhibit](museum/emfile-spin.md), "
           "[rung 10](ladder/10-epoll.c), "
           "[architecture](architecture.md#when-there-is-no-descriptor-left)",
    .met = "twisted, issue 5368; libuv (joyent), issue 690; ranch, issue 36: each spun at "
           "100 % of a processor.",
};

static void try_write_interest(void)
{
    int level = make_epoll(), pair[2], idle = 0, armed = 0;
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT };

    make_pair(pair);
    watch(level, pair[0], EPOLLIN);
    for (int i = 0; i < 1000; i++)
        idle += told(level, 0) != 0;
    MUST(epoll_ctl(level, EPOLL_CTL_MOD, pair[0], &e));
    for (int i = 0; i < 1000; i++)
        armed += told(level, 0) != 0;
    promised(idle == 0 && armed == 1000,
             "a silent client, 1000 waits: %d return for IN, %d for IN|OUT",
             idle, armed);
}

static const struct fact write_interest = {
    .name = "edge/write-interest", .run = try_write_interest,
    .claim = "It does no harm to watch every client for writing, too.",
    .verdict = FACT_FALSE,
    .answer = "A socket with room is always writable, so with level trigger no wait ever "
              "sleeps: 100 % of a processor while nobody speaks. Ask for OUT only while a "
              "write has met EAGAIN. (With edge trigger it costs one report.)",
    .question = "Why does my server use 100 % of a processor?",
    .reply = "Often: it watches for writing while it has nothing to write.",
    .documented = "epoll(7); poll(2), *POLLOUT*",
    .see = "[exhibit](museum/always-writable.md), "
           "[lab 4](labs/04-write-interest.md)",
};

static void try_faster(void)
{
    int level = make_epoll(), edge = make_epoll(), pair[2], levels = 0, edges = 0;
    char text[64];
    uint32_t more;
    ssize_t n;

    make_pair(pair);
    watch(level, pair[0], EPOLLIN);
    watch(edge, pair[0], EPOLLIN | EPOLLET);
    say(pair[1], "hello");
    levels += told(level, 0) == EPOLLIN;
    levels += recv(pair[0], text, sizeof text, 0) == 5;
    more = told(level, 0);              /* the wait for the next request: it would tell of more */
    told(edge, 0);
    say(pair[1], "hello");
    edges += told(edge, 0) == EPOLLIN;
    do {
        n = recv(pair[0], text, sizeof text, 0);
        edges++;
    } while (n > 0);
    promised(levels == 2 && more == 0 && edges == 3 && errno == EAGAIN,
             "one small request: %d calls with level trigger, %d with edge trigger that "
             "reads until EAGAIN",
             levels, edges);
}

static const struct fact faster = {
    .name = "edge/faster", .run = try_faster,
    .claim = "Edge trigger is faster than level trigger.",
    .verdict = FACT_DEPENDS,
    .answer = "on the work. For a request that fits into one read, reading until EAGAIN "
              "costs a call more; a short read that is trusted costs the same. Edge trigger "
              "saves the MODs of a slow reader, and the kernel's second look at each event. "
              "Measure before you choose.",
    .question = "Is edge trigger faster?",
    .reply = "Not by itself. It saves calls for slow readers, and may cost one a request.",
    .documented = "nowhere; counted here",
    .see = "[measurements](measurements.md), [lab 3](labs/03-level-and-edge.md)",
    .taught = "<https://aceld.gitbooks.io/libevent/content/25hong_fa_mo_5f0f_md.html> and "
              "<https://www.cruxible.dev/learn/conc22-edge-vs-level-triggered> name speed as "
              "the reason for edge trigger, without a measurement.",
};

static const struct fact *const facts[] = {
    &once, &kept, &arrival, &out, &mod, &short_read, &accept_loop, &emfile, &write_interest,
    &faster, NULL,
};

const struct theme theme_edge = { "edge", "level and edge", facts };
