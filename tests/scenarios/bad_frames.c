/* Bad frames: is each refused at the first byte that cannot be part of a frame?
 *
 * Every client here sends nothing after the bad byte and keeps its side open: a server
 * that waits for more to be sure has the client wait in vain. */
#define _GNU_SOURCE
#include "scenario.h"

#include "../lib/oracle.h"

#include <string.h>
#include <unistd.h>

/* A prefix that is a legal beginning, then the byte; the answer is the oracle's. */
static void try_byte(const struct server *s, const char *prefix, char byte)
{
    struct script t = { 0 };

    script_add_text(&t, prefix);
    script_add(&t, &byte, 1);
    script_ready(&t, CLIENT_STAYS);
    if (t.end == CLIENT_STAYS) /* no bad frame: then see that it is still in order */
        script_ready(&t, CLIENT_FINISHES);
    script_play(&t, s);
    script_free(&t);
}

SCENARIO(every_byte, "bad-frames/every-byte", "calc", "",
    "In every state of the decoder, is every one of the 256 bytes judged rightly at "
    "once? `3@0 5@` and EOF where the byte is impossible.")
{
    static const char *const states[] = {
        "",       /* between frames */
        "\n ",    /* the same, after white space */
        "0",      /* a length of zero takes no more digits */
        "1",      /* a length of one digit */
        "40",     /* of two */
        "409",    /* of three: a fourth must not pass 4095 */
        "410",    /* of three: no fourth digit is small enough */
        "1000",   /* of four */
        "0@",     /* the closing @ of an empty payload */
        "1@x",    /* the closing @ */
        "5@1 + 1" /* the closing @ of a sum */
    };

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        for (int byte = 0; byte < 256; byte++)
            try_byte(s, states[i], (char)byte);
}

SCENARIO(mistakes, "bad-frames/mistakes", "calc", "",
    "Is what people and programs send by mistake refused at its first impossible byte? "
    "Each line is sent up to that byte only.")
{
    static const char *const first_impossible[] = {
        "G",          /* GET / HTTP/1.1 */
        "\x16",       /* TLS hello */
        "\xff",       /* telnet IAC */
        "-", "+",     /* -1@, +9@ */
        "@",          /* a missing length */
        "9 ",         /* 9 @ */
        "9x",         /* 9x@ */
        "00", "007",  /* leading zeros */
        "12345",      /* five digits */
        "9\n",        /* a newline within the length */
        "5@1 + 1 ",   /* one byte too many in the payload */
        "5@1 + 1\r",  /* the closing @ forgotten */
        "8@1 + 1@\r\n9"  /* a payload shorter than its length eats the next frame */
    };

    for (size_t i = 0; i < sizeof first_impossible / sizeof *first_impossible; i++) {
        const char *text = first_impossible[i];
        struct script t = { 0 };
        int fd = client_open(s);

        script_add_text(&t, text);
        script_ready(&t, CLIENT_STAYS);
        check(t.end == CLIENT_IS_LEFT, "this test is wrong: %s is no bad frame", text);
        client_send(fd, t.bytes, t.len - 1);
        server_settle(s);
        check(client_look(fd) == CLIENT_QUIET
                  || client_look(fd) == CLIENT_HAS_BYTES, /* white space before it */
              "closed before the bad byte of \"%s\"", text);
        script_play_rest(&t, t.len - 1, fd);
        script_free(&t);
    }
}

SCENARIO(nul, "bad-frames/nul", "calc", "",
    "Does NUL count as an impossible byte, or does it end a string somewhere?")
{
    static const char *const prefixes[] = { "", "1", "0@", "5@1 + 1" };

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        try_byte(s, prefixes[i], '\0');
}

SCENARIO(owed_first, "bad-frames/owed-first", "calc", "",
    "Are the replies owed sent before the refusal, and nothing after it answered, "
    "however right it is?")
{
    struct script t = { 0 };

    script_add_sums(&t, 100);
    script_add_text(&t, "\n5@1 + 1! 9@10 + 1234@\n9@10 + 1234@");
    script_run(&t, CLIENT_STAYS, s);
}

SCENARIO(bystander, "bad-frames/bystander", "calc", "",
    "Is the client beside a bad one left alone?")
{
    struct bystander b;

    bystander_start(&b, s);
    for (int i = 0; i < 100; i++)
        try_byte(s, "5@1 + 1", 'x');
    bystander_expect_well(&b, 20);
}

scenario_list bad_frames_scenarios = {
    &every_byte, &mistakes, &nul, &owed_first, &bystander, NULL
};
