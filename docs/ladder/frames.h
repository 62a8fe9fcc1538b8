/* frames - what one client has sent and is owed, and where a request ends: from rung 8 on.
 *
 *     FRAME = LENGTH "@" PAYLOAD "@"          9@10 + 1234@
 *
 * Nothing here touches a descriptor, so it does not matter how the bytes came.
 */
#include <string.h>

enum {
    IN = 4101,          /* the longest frame: 4095@, 4,095 bytes, @ */
    OUT = 2 * IN + 8    /* all replies to IN bytes: 0@@ is three bytes, 3@0 4@ is six */
};

struct client {
    int fd;
    bool ending;        /* it sends no more, or nothing that we can read */
    size_t held;        /* bytes in the input: the beginning of a frame */
    size_t owed;        /* bytes in the output: replies */
    char in[IN], out[OUT];
};

/* The size of the frame at the front of n bytes; 0: more of it must come; -1: it can become
 * none.  Sets where its sum begins and how long that is. */
static inline int frame(const char *in, size_t n, const char **sum, size_t *length)
{
    size_t i = 0;

    for (*length = 0; i < n && isdigit((unsigned char)in[i]); i++) {
        *length = *length * 10 + (size_t)(in[i] - '0');
        if (*length > 4095 || (i == 1 && in[0] == '0'))
            return -1;
    }
    if (i == n)
        return 0;
    if (i == 0 || in[i] != '@')
        return -1;
    *sum = in + ++i;
    if (n - i <= *length)
        return 0;
    return in[i + *length] == '@' ? (int)(i + *length) + 1 : -1;
}

/* Answers all whole frames in the input.  What is left there is the beginning of one.  The
 * last reply to a client that is ending, or sent what is no frame, is status 5.  (The close
 * after it may destroy it on its way: docs/protocol.md, the farewell.)  To be called only
 * while the output is empty, so there is room. */
static inline void answer_frames(struct client *c)
{
    const char *sum;
    size_t i = 0, length;
    int size = 0;

    for (; i < c->held; i += (size_t)size) {
        if (c->in[i] == '\n') {
            c->out[c->owed++] = '\r';    /* a line is answered by a line: for telnet */
            c->out[c->owed++] = '\n';
            size = 1;
        } else if (c->in[i] == ' ' || c->in[i] == '\t' || c->in[i] == '\r') {
            size = 1;
        } else if ((size = frame(c->in + i, c->held - i, &sum, &length)) > 0) {
            c->owed += answer(c->out + c->owed, sum, length);
        } else {
            break;
        }
    }
    c->held -= i;
    memmove(c->in, c->in + i, c->held);
    c->ending = c->ending || size < 0;
    if (c->ending && c->held > 0) {
        memcpy(c->out + c->owed, "3@0 5@", 6);
        c->owed += 6;
    }
}
