/* Frames and sums: is every complete frame answered, in order, by the right reply? */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

SCENARIO(sum, "frames/sum", "calc", "",
    "Does the exchange from the README work, typed with and without a newline? 9@10 + "
    "1234@ is answered by 6@1244 0@; a newline by CR LF.")
{
    int fd = client_open(s);

    client_say(fd, "9@10 + 1234@");
    client_hear(fd, "6@1244 0@");
    client_say(fd, "9@10 + 1234@\r\n");
    client_hear(fd, "6@1244 0@\r\n");
    close(fd);
}

SCENARIO(status_table, "frames/status-table", "calc", "",
    "Is the arithmetic right at the edges of int64? Every operator, an unknown one "
    "included, between every two boundary numbers, against the oracle.")
{
    static const int64_t edges[] = {
        INT64_MIN, INT64_MIN + 1, -3037000500, INT32_MIN, -10, -7, -3, -2, -1,
        0, 1, 2, 3, 7, 10, INT32_MAX, INT32_MAX + INT64_C(1), 3037000499, 3037000500,
        INT64_MAX / 2, INT64_MAX / 2 + 1, INT64_MAX - 1, INT64_MAX
    };
    const size_t n = sizeof edges / sizeof *edges;
    struct script t = { 0 };

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (const char *op = "+-*/%^"; *op; op++)
                script_add_sum(&t, edges[i], *op, edges[j]);
    script_run(&t, CLIENT_FINISHES, s);
}

SCENARIO(malformed, "frames/malformed", "calc", "",
    "Is a malformed request told from a bad frame, and does it win over division by "
    "zero and unknown operators? Status 4, and the connection stays.")
{
    static const char *const payloads[] = {
        "",        " ",        "1",      "1 ",       "1 +",     "1 + ",    " 1 + 2",
        "1 + 2 ",  "1  + 2",   "1 +  2", "1 +2",     "1+ 2",    "1+2",     "1 + 2 + 3",
        "- + 2",   "1 + -",    "+ + +",  "-1 - -1",  "+1 + +1", "--1 + 2", "+-1 + 2",
        "1 ++ 2",  "1.0 + 2",  "0x1 + 2", "1e3 + 2", "a + b",   "1 \t 2",  "1\t+\t2",
        "1 + 2\n", "1 + 2\r\n", "\n1 + 2", "1,000 + 2", "1 x /", "x / 0",  "1 ? x",
        "-0 / -0", "007 + 08", "1 @ 2",  "1 1 1",    "- - -",   "1 / 00",  "-0 + +0",
        "9223372036854775807 + 0", "9223372036854775808 + 0", "0 - 9223372036854775808",
        "-9223372036854775808 + 0", "-9223372036854775809 + 0",
        "+9223372036854775807 - 1", "18446744073709551616 + 0",
        "18446744073709551617 / 0", "1 / 99999999999999999999",
        "00000000000000000000000000000000000000000000000000000000000001 + 1" };
    struct script t = { 0 };

    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        script_add_frame(&t, payloads[i], strlen(payloads[i]));
    script_run(&t, CLIENT_STAYS, s);
}

SCENARIO(any_byte, "frames/any-byte", "calc", "",
    "May a payload hold any byte, '@' and NUL included? Every byte alone, as an "
    "operator, inside and at the end of a number.")
{
    struct script t = { 0 };

    for (int byte = 0; byte < 256; byte++) {
        const char b = (char)byte, op[] = { '1', ' ', b, ' ', '1' };
        const char inside[] = { '1', b, '2', ' ', '+', ' ', '3' };
        const char last[] = { '4', ' ', '+', ' ', '5', b };

        script_add_frame(&t, &b, 1);
        script_add_frame(&t, op, sizeof op);
        script_add_frame(&t, inside, sizeof inside);
        script_add_frame(&t, last, sizeof last);
    }
    script_run(&t, CLIENT_STAYS, s);
}

SCENARIO(lengths, "frames/lengths", "calc", "",
    "Are lengths right on both sides of every change of digits, and up to 4095? A sum "
    "stretched by leading zeros is answered at every length; one of '@' is malformed.")
{
    static const size_t edges[] = { 0,   1,   8,   9,    10,   11,   98,   99,  100,
                                    101, 998, 999, 1000, 1001, 4093, 4094, 4095 };
    char zeros[4096], ats[4096];
    struct script t = { 0 };

    memset(zeros, '0', sizeof zeros);
    memset(ats, '@', sizeof ats);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        char stretched[4096];
        const size_t len = edges[i];

        memcpy(stretched, zeros, len);
        if (len >= 5)
            memcpy(stretched + len - 5, "7 + 1", 5);
        script_add_frame(&t, stretched, len);
        script_add_frame(&t, ats, len);
    }
    script_run(&t, CLIENT_STAYS, s);
}

SCENARIO(too_long, "frames/too-long", "calc", "",
    "Is a length of 4096 refused at its last digit, and not believed?")
{
    static const char *const headers[] = { "4096", "4100", "5000", "9999", "10000" };

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        client_visit(s, headers[i], strlen(headers[i]), CLIENT_IS_LEFT, "3@0 5@",
                        6);
    }
}

SCENARIO(ten_thousand, "frames/ten-thousand", "calc", "",
    "Are 10,000 frames in one write all answered, in order?")
{
    struct script t = { 0 };

    script_add_sums(&t, 10000);
    script_run(&t, CLIENT_STAYS, s);
}

SCENARIO(burst, "frames/burst", "calc", "",
    "Is a burst of 64 KiB, all queued before the server looks, answered whole? An edge "
    "is announced once: a server that reads only once leaves the rest unread.")
{
    struct script t = { 0 };
    size_t sent;
    int fd;

    while (t.len < 65536)
        script_add_sums(&t, 100);
    script_ready(&t, CLIENT_STAYS);
    fd = client_open(s);
    client_ask(fd);
    server_signal(s, SIGSTOP);
    sent = client_push(fd, t.bytes, t.len, s);
    server_signal(s, SIGCONT);
    script_play_rest(&t, sent, fd);
    script_free(&t);
}

scenario_list frames_scenarios = {
    &sum, &status_table, &malformed, &any_byte, &lengths, &too_long,
    &ten_thousand, &burst, NULL
};
