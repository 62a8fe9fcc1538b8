/* guests.c - who is invited to the party, service by service. */
#include "../lib/check.h"
#include "party.h"

#include <stdlib.h>
#include <string.h>

enum { PINGS = 20, SLOW_FRAMES = 2000, SLOW_PAGES = 40, BROKEN_FRAMES = 200 };

#define SUM "9@10 + 1234@"
#define SUM_REPLY "6@1244 0@"
#define LONG_SUM "23@9223372036854775807 + 0@"
#define LONG_SUM_REPLY "21@9223372036854775807 0@"
#define MIXED SUM "5@7 / 0@5@7 ? 2@\n24@9223372036854775807 * 99@3@1 +@\n 5@7 % 2@"
#define MIXED_REPLY SUM_REPLY "3@0 1@3@0 2@\r\n3@0 3@3@0 4@\r\n3@1 0@"
#define PAGE "GET / HTTP/1.1\r\nHost: here\r\n\r\n"
#define LAST_PAGE "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
#define HTTP_MIXED                                                              \
    PAGE "HEAD / HTTP/1.1\r\nHost: here\r\n\r\n"                                \
         "GET /nowhere HTTP/1.1\r\nHost: here\r\n\r\n"
#define HTTP_MIXED_REPLY "200\n200-404\n"

/* Lives as long as the process: the tables below point to it. */
static const char *repeat(const char *unit, size_t times)
{
    size_t length = strlen(unit);
    char *text = malloc(length * times + 1);

    check(text != NULL, "no memory for the party");
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * length, unit, length);
    text[length * times] = '\0';
    return text;
}

static const struct guest *calc_guests(void)
{
    static struct guest guests[] = {
        { .name = "the pipeliner", .half_closes = true, .is_ended = true },
        { .name = "the sender of a bad frame", .is_ended = true,
          .want = SUM_REPLY "3@0 5@" },
        { .name = "the one cut short", .half_closes = true, .is_ended = true,
          .out = SUM "9@10", .want = SUM_REPLY "3@0 5@" },
        { .name = "the slow reader", .half_closes = true, .is_ended = true,
          .turn = READS_LATE },
        { .name = "the breaker", .breaks_off = true },
        { .name = "the pinger", .stays = true,
          .unit_out = sizeof SUM - 1, .unit_want = sizeof SUM_REPLY - 1 },
        { .name = "the dripper", .half_closes = true, .is_ended = true, .step = 1,
          .out = SUM " " SUM "\n" SUM, .want = SUM_REPLY SUM_REPLY "\r\n" SUM_REPLY },
        { .name = "the beginner", .stays = true, .out = SUM "9@10 +",
          .want = SUM_REPLY },
        { .name = "the latecomer", .half_closes = true, .is_ended = true,
          .turn = COMES_LATE, .out = SUM SUM SUM, .want = SUM_REPLY SUM_REPLY SUM_REPLY,
          .unit_out = sizeof SUM - 1, .unit_want = sizeof SUM_REPLY - 1 },
        { .name = NULL }
    };

    guests[0].out = repeat(MIXED, 10);
    guests[0].want = repeat(MIXED_REPLY, 10);
    guests[1].out = repeat(SUM "9x and much more, never looked at", 40);
    guests[3].out = repeat(LONG_SUM, SLOW_FRAMES);
    guests[3].want = repeat(LONG_SUM_REPLY, SLOW_FRAMES);
    guests[4].out = repeat(LONG_SUM, BROKEN_FRAMES);
    guests[4].want = repeat(LONG_SUM_REPLY, BROKEN_FRAMES);
    guests[5].out = repeat(SUM, PINGS);
    guests[5].want = repeat(SUM_REPLY, PINGS);
    return guests;
}

static const struct guest *echo_guests(void)
{
    static struct guest guests[] = {
        { .name = "the pipeliner", .half_closes = true, .is_ended = true },
        { .name = "the sender of a few bytes", .half_closes = true, .is_ended = true,
          .out = "\r\n@" },
        { .name = "the silent one", .half_closes = true, .is_ended = true, .out = "" },
        { .name = "the slow reader", .half_closes = true, .is_ended = true,
          .turn = READS_LATE },
        { .name = "the breaker", .breaks_off = true },
        { .name = "the pinger", .stays = true, .unit_out = 7, .unit_want = 7 },
        { .name = "the dripper", .half_closes = true, .is_ended = true, .step = 1,
          .out = "one byte at a time\n" },
        { .name = "the beginner", .stays = true, .out = "beginning" },
        { .name = "the latecomer", .half_closes = true, .is_ended = true,
          .turn = COMES_LATE, .out = "late bytes ", .unit_out = 1, .unit_want = 1 },
        { .name = NULL }
    };

    guests[0].out = repeat(MIXED, 10);
    guests[3].out = repeat(LONG_SUM, SLOW_FRAMES);
    guests[4].out = repeat(LONG_SUM, BROKEN_FRAMES);
    guests[5].out = repeat("sevenup", PINGS);
    for (struct guest *g = guests; g->name; g++)
        g->want = g->out;
    return guests;
}

static const struct guest *http_guests(void)
{
    static struct guest guests[] = {
        { .name = "the pipeliner", .half_closes = true, .is_ended = true },
        { .name = "the sender of a bad head", .is_ended = true,
          .out = PAGE "nonsense\r\n\r\nand more, never looked at\r\n",
          .want = "200\n400\n" },
        { .name = "the last of its kind", .is_ended = true, .out = LAST_PAGE,
          .want = "200\n" },
        { .name = "the slow reader", .half_closes = true, .is_ended = true,
          .turn = READS_LATE },
        { .name = "the breaker", .breaks_off = true },
        { .name = "the pinger", .stays = true,
          .unit_out = sizeof PAGE - 1, .unit_want = 4 },
        { .name = "the dripper", .half_closes = true, .is_ended = true, .step = 1,
          .out = PAGE, .want = "200\n" },
        { .name = "the beginner", .stays = true, .out = PAGE "GET / HT",
          .want = "200\n" },
        { .name = "the latecomer", .half_closes = true, .is_ended = true,
          .turn = COMES_LATE, .out = PAGE PAGE, .want = "200\n200\n",
          .unit_out = sizeof PAGE - 1, .unit_want = 4 },
        { .name = NULL }
    };

    guests[0].out = repeat(HTTP_MIXED, 5);
    guests[0].want = repeat(HTTP_MIXED_REPLY, 5);
    guests[3].out = repeat(PAGE, SLOW_PAGES);
    guests[3].want = repeat("200\n", SLOW_PAGES);
    guests[4].out = repeat(PAGE, BROKEN_FRAMES / 20);
    guests[4].want = repeat("200\n", BROKEN_FRAMES / 20);
    guests[5].out = repeat(PAGE, PINGS);
    guests[5].want = repeat("200\n", PINGS);
    return guests;
}

const struct guest *guests_for(const char *service)
{
    static const struct guest *guests;
    static char of[20];

    if (!guests || strcmp(of, service) != 0) {
        guests = strcmp(service, "echo") == 0   ? echo_guests()
                 : strcmp(service, "http") == 0 ? http_guests()
                                                : calc_guests();
        strncpy(of, service, sizeof of - 1);
    }
    return guests;
}

/* Takes in a reply's head up to its empty line; true when it is complete. */
static bool head_complete(struct seat *seat, const char **at, const char *end)
{
    while (*at < end) {
        if (seat->head_length == sizeof seat->head - 1)
            check_fail("%s: a reply's head of over %zu bytes", seat->guest->name,
                       sizeof seat->head);
        seat->head[seat->head_length++] = *(*at)++;
        seat->head[seat->head_length] = '\0';
        if (seat->head_length >= 4
            && strcmp(seat->head + seat->head_length - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static void read_head(struct seat *seat, size_t place)
{
    const char *field = strstr(seat->head, "\r\nContent-Length: ");
    size_t mark = place + 3;

    check(field && strncmp(seat->head, "HTTP/1.", 7) == 0,
          "%s: a reply's head without HTTP/1.x or Content-Length:\n%s",
          seat->guest->name, seat->head);
    seat->in_body = true;
    seat->without_body =
        mark < seat->want_length && seat->guest->want[mark] == '-';
    seat->body_left = seat->without_body ? 0 : strtoul(field + 18, NULL, 10);
}

size_t reply_digest(struct seat *seat, const char *bytes, size_t length, char *digest)
{
    const char *at = bytes, *end = bytes + length;
    size_t made = 0;

    while (at < end || (seat->in_body && seat->body_left == 0)) {
        size_t rest = (size_t)(end - at);
        size_t skip = seat->body_left < rest ? seat->body_left : rest;

        if (!seat->in_body) {
            if (head_complete(seat, &at, end))
                read_head(seat, seat->got + made);
            continue;
        }
        at += skip;
        seat->body_left -= skip;
        if (seat->body_left > 0)
            continue;
        memcpy(digest + made, seat->head + 9, 3);
        digest[made + 3] = seat->without_body ? '-' : '\n';
        made += 4;
        seat->head_length = 0;
        seat->in_body = false;
    }
    return made;
}
