/* Stage 1, answers: does one client get right replies? */
#define _GNU_SOURCE
#include "question.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/oracle.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* One client, one request. */
static void one(struct exam *e)
{
    struct question q;
    int fd;

    question_make(e, &q);
    did(e, "A client connected and sent \"%.*s\"", (int)q.in_len - e->echo, q.in);
    expects(e, "\"%.*s\"", (int)q.out_len - e->echo, q.out);
    fd = come(e);
    converse(e, fd, q.in, q.in_len, CLIENT_STAYS, q.out, q.out_len);
}

/* Sends one sum and wants its reply; `cause` is that of a wrong result. */
static void sum(struct exam *e, int fd, const char *payload, const char *cause)
{
    char in[200], out[ORACLE_REPLY];
    size_t used, out_len;
    int in_len = snprintf(in, sizeof in, "%zu@%s@", strlen(payload), payload);

    oracle_step(in, (size_t)in_len, &used, out, &out_len);
    did(e, "A client sent %s%s", in, strstr(payload, "  ") ? ", with two spaces in it" : "");
    expects(e, "%.*s", (int)out_len, out);
    blame(e, WRONG, cause);
    converse(e, fd, in, (size_t)in_len, CLIENT_STAYS, out, out_len);
}

static void sums(struct exam *e)
{
    static const char operators[] = "+-*/%";
    long a = 10 + random_below(e, 1000), b = 2 + random_below(e, 7);
    int fd = come(e);
    char payload[100];

    for (int i = 0; operators[i]; i++) {
        snprintf(payload, sizeof payload, "%ld %c %ld", a, operators[i], b);
        sum(e, fd, payload, NULL);
    }
    for (int i = 0; operators[i]; i++) {
        snprintf(payload, sizeof payload, "%ld %c %ld", -a * b - 1, operators[i], b);
        sum(e, fd, payload, operators[i] == '/' || operators[i] == '%' ? "floor-division"
                                                                       : NULL);
    }
    snprintf(payload, sizeof payload, "+%ld - -%ld", a, b);
    sum(e, fd, payload, NULL);
}

/* Does its reply begin as it should? Whoever says too little or nothing is wrong, too. */
static bool sum_is_right(struct exam *e, const char *payload)
{
    char in[200], out[ORACLE_REPLY], came[ORACLE_REPLY];
    size_t used, out_len, len = 0;
    int in_len = snprintf(in, sizeof in, "%zu@%s@", strlen(payload), payload), fd = come(e);
    ssize_t n = 1;

    oracle_step(in, (size_t)in_len, &used, out, &out_len);
    say(e, fd, in, (size_t)in_len);
    while (n > 0 && len < out_len
           && client_wait(fd, guard_now() + e->patience / 10) != CLIENT_QUIET)
        len += (size_t)((n = recv(fd, came + len, out_len - len, 0)) > 0 ? n : 0);
    close(fd);
    if (len < out_len && !subject_listens(e->subject)) {
        did(e, "A client sent %s", in);
        expects(e, "%.*s", (int)out_len, out);
        fail(e, ENDED, NULL, "the end of the server");
    }
    return len == out_len && !memcmp(came, out, len);
}

/* Every status but 5 and 6. */
static void statuses(struct exam *e)
{
    static const char *const overflows[] = {
        "9223372036854775807 + 1", "-9223372036854775808 - 1",
        "3037000500 * 3037000500"
    };
    static const char *const deadly[] = { "-9223372036854775808 / -1",
                                          "-9223372036854775808 % -1" };
    static const char *const others[] = { "7 / 0", "7 % 0", "7 ? 8", "7", "7 +", "a + 1",
                                          "1  + 1", "", "9223372036854775808 + 1" };
    const int other = sizeof others / sizeof *others, all = other +
              (int)(sizeof overflows / sizeof *overflows);
    int first, fd;
    bool swift;

    /* All are tried before the first that is wrong is told, each with a client of its own; of
     * one that takes its time, they are not. */
    did(e, "A client asked");
    expects(e, "a reply");
    ask(e, fd = come(e));
    close(fd);
    swift = e->sheet->quickest < e->patience / 20;
    first = swift ? all : 0;
    for (int i = 0; i < all && swift; i++)
        if (!sum_is_right(e, i < other ? others[i] : overflows[i - other])) {
            e->sheet->wrong_too += first < all;
            if (first == all)
                first = i;
        }
    fd = come(e);
    for (int i = first; i < all; i++)
        sum(e, fd, i < other ? others[i] : overflows[i - other],
            i < other ? NULL : "overflow-unchecked");
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        sum(e, fd, deadly[i], "overflow-unchecked");
}

static void lines(struct exam *e)
{
    int fd = come(e);

    expects(e, "each line back");
    for (int i = 0; i < 20; i++) {
        if (i == 0)
            did(e, "A client sent a line");
        else
            did(e, "A client sent a line and read it, %d time%s; then it sent another", i,
                i == 1 ? "" : "s");
        ask(e, fd);
    }
}

/* What no run has asked before, whatever the seed: whoever wrote down the replies of a run
 * with this seed has none for it. Three clients ask, since a server that works the reply out
 * may do so wrongly for some numbers. */
static void new_ones(struct exam *e)
{
    char came[200], shown[CHECK_SHOWN];
    struct question q;
    size_t n;

    e->random ^= (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
    for (int i = 0; i < 3; i++) {
        double end = guard_now() + e->patience;
        int fd = come(e);

        question_make(e, &q);
        say(e, fd, q.in, q.in_len);
        for (n = 0; n < q.out_len && client_wait(fd, end) == CLIENT_HAS_BYTES;)
            n += (size_t)recv(fd, came + n, q.out_len - n, 0);
        close(fd);
        if (n == q.out_len && !memcmp(came, q.out, n))
            return;
    }
    did(e, "All was right so far. Then 3 clients asked what no run has asked before; the last "
           "one sent %.*s", (int)q.in_len - e->echo, q.in);
    expects(e, "%.*s", (int)q.out_len - e->echo, q.out);
    fail(e, n ? WRONG : SILENCE, "prepared-replies", "%s",
         n ? check_escape(shown, came, n) : "nothing");
}

/* Is there service after the first client? */
static void again(struct exam *e)
{
    long n = 3 + random_below(e, 4);

    did(e, "%ld clients came and left, one after the other", n);
    expects(e, "a reply for each");
    blame(e, SILENCE, "one-client-only");
    blame(e, REFUSED, "one-client-only");
    blame_end(e, "one-client-only", NULL);
    for (long i = 0; i < n; i++) {
        int fd = come(e);

        ask(e, fd);
        close(fd);
    }
    new_ones(e);
}

const struct check answers_calc[] = {
    { "one", 4, one, 0 },
    { "again", 2, again, 0 },
    { "sums", 2, sums, 0 },
    { "statuses", 2, statuses, 0 },
    { 0 }
};

const struct check answers_echo[] = {
    { "one", 5, one, 0 },
    { "again", 2, again, 0 },
    { "lines", 3, lines, 0 },
    { 0 }
};

const struct check answers_chat[] = {
    { "one", 4, one, 0 },
    { "again", 2, again, 0 },
    { "all-hear", 4, chat_all_hear, 0 },
    { 0 }
};
