/* TCP is a byte stream: is the reply stream the same however the requests are cut? */
#define _GNU_SOURCE
#include "scenario.h"

#include <string.h>
#include <unistd.h>

/* A little of everything, with the bad frame last. */
static void add_everything(struct script *t)
{
    static const char all[] = "9@10 + 1234@ \t\r\n\n0@@5@7 / 0@\n3@@@@@5@4 \0 2@"
                              "26@-9223372036854775808 / -1 @"
                              "23@9223372036854775807 + 0@"
                              "\r\n12@007 * -00006@1@\n@7@7 ? 8 \n@2@ab";

    script_add(t, all, sizeof all - 1);
    script_add_text(t, "!");
}

SCENARIO(one_byte, "segmentation/one-byte", "calc", "",
    "Does a stream that comes one byte at a time, each handled before the next is sent, "
    "draw the same replies?")
{
    struct script t = { 0 };
    int fd;

    add_everything(&t);
    script_ready(&t, CLIENT_STAYS);
    fd = client_open(s);
    for (size_t i = 0; i < t.len; i++) {
        client_send(fd, t.bytes + i, 1);
        server_settle(s);
    }
    script_play_rest(&t, t.len, fd);
    script_free(&t);
}

SCENARIO(every_split, "segmentation/every-split", "calc", "",
    "Does a cut at any one place change the replies?")
{
    struct script t = { 0 };

    add_everything(&t);
    script_ready(&t, CLIENT_STAYS);
    for (size_t cut = 0; cut <= t.len; cut++) {
        int fd = client_open(s);

        client_send(fd, t.bytes, cut);
        server_settle(s);
        script_play_rest(&t, cut, fd);
    }
    script_free(&t);
}

SCENARIO(at_once, "segmentation/at-once", "calc", "",
    "Is every reply sent as soon as its frame is whole, not when more comes?")
{
    int fd = client_open(s);

    client_say(fd, "9@10 + 123");
    server_settle(s);
    client_say(fd, "4@9@1");
    client_hear(fd, "6@1244 0@");
    client_say(fd, "0 + 1234@\n");
    client_hear(fd, "6@1244 0@\r\n");
    check(client_look(fd) == CLIENT_QUIET, "expected silence after the last reply");
    close(fd);
}

SCENARIO(line_feeds, "segmentation/line-feeds", "calc", "",
    "Is each LF between frames answered by CR LF, in its place, and CR, space and tab "
    "by nothing?")
{
    static const char in[] = "\n5@1 + 1@\n\r\n \t5@2 + 2@5@3 + 3@\r5@4 + 4@ \n\n";
    static const char out[] = "\r\n3@2 0@\r\n\r\n3@4 0@3@6 0@3@8 0@\r\n\r\n";
    client_visit(s, in, sizeof in - 1, CLIENT_FINISHES, out, sizeof out - 1);
}

SCENARIO(read_size, "segmentation/read-size", "calc", NULL,
    "Does the size of a recv change the replies? One stream at --read-size 1 to 65536.")
{
    static const char *const sizes[] = { "--read-size 1", "--read-size 2",
                                         "--read-size 3", "--read-size 13",
                                         "--read-size 4096", "--read-size 65536" };
    struct script t = { 0 };

    script_add_sums(&t, 300);
    add_everything(&t);
    script_ready(&t, CLIENT_STAYS);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        server_start(s, s->command, sizes[i]);
        script_play(&t, s);
        scenario_end(s);
    }
    script_free(&t);
}

SCENARIO(small_buffers, "segmentation/small-buffers", "calc", "--rcvbuf 1 --sndbuf 1",
    "Do the smallest socket buffers on both sides, which cut the stream everywhere, "
    "change the replies?")
{
    const struct client_setup small = { .rcvbuf = 1, .sndbuf = 1 };
    struct script t = { 0 };
    size_t sent;
    int fd;

    script_add_sums(&t, 5000);
    add_everything(&t);
    script_ready(&t, CLIENT_STAYS);
    fd = client_open_with(s, &small);
    sent = client_push(fd, t.bytes, t.len, s);
    script_play_rest(&t, sent, fd);
    script_free(&t);
}

scenario_list segmentation_scenarios = {
    &one_byte, &every_split, &at_once, &line_feeds, &read_size, &small_buffers,
    NULL
};
