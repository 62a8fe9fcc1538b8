/*
 * What to ask of a service, and what must come back for it.
 *
 * Requests and replies are written out beforehand, each on a tape that every
 * connection reads in a circle from a place of its own: sending is then one
 * send() from the tape, checking one memcmp() with it, and a reply that is late
 * by a byte, left out, or given to the wrong connection does not match.
 *
 *   calc  sums at random, now and then a hard one (a division by zero, an
 *         overflow); their results are computed here, by no code of the servers
 *   echo  random bytes; one tape is both
 *   http  GET /; the page shows live figures, so that only its head and length
 *         can be checked
 */
#ifndef LOADGEN_EXCHANGE_H
#define LOADGEN_EXCHANGE_H

#include "loadgen_http.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum service { SERVICE_CALC, SERVICE_ECHO, SERVICE_HTTP };

/*
 * Primes, so that no size of message falls in step with them. TAPE_PERIOD is
 * above the number of descriptors most systems allow, so that no two connections
 * begin at the same byte.
 */
#define TAPE_PERIOD   32749u
#define TAPE_MESSAGES 509u
#define TAPE_CHUNK    65536u    /* from any place, this much can be read in one piece */

struct tape {
    unsigned period;                        /* bytes until it begins again */
    unsigned messages;                      /* messages until their sizes do */
    unsigned start[TAPE_MESSAGES + 1];      /* message k ends where k + 1 starts */
    unsigned char text[TAPE_PERIOD + TAPE_CHUNK];
};

struct exchange {
    enum service service;
    unsigned stride;            /* bytes between the starts of two connections */
    struct tape ask;
    struct tape answer;         /* empty for http */
};

/* Where a connection is on a tape. */
struct place {
    unsigned at;                /* next byte */
    unsigned message;           /* the next to be asked, or the one now coming */
};

/* How far the replies of a connection are checked. */
struct checked {
    struct place place;
    unsigned done;              /* bytes of the reply now coming in */
    int spoken;                 /* any byte was right so far */
    const char *complaint;      /* after VERDICT_WRONG: what is wrong */
    struct http_reading http;
};

/* `bytes`: size of an echo message. `host`: for the Host field of http. */
void exchange_make(struct exchange *x, enum service service, unsigned bytes,
                   uint64_t seed, const char *host);

/* Puts connection `number` at its places. */
void exchange_begin(const struct exchange *x, unsigned number, struct place *ask,
                    struct checked *answer);

/* Goes on to the next request; returns the bytes of this one. */
unsigned exchange_ask(const struct exchange *x, struct place *p);

void tape_skip(const struct tape *tape, struct place *p, size_t bytes);

/*
 * Checks n bytes (at most TAPE_CHUNK) that came while `owed` replies were due,
 * and adds the replies they complete to *complete. After anything but
 * VERDICT_RIGHT the connection is of no further use.
 */
enum verdict exchange_check(const struct exchange *x, struct checked *c,
                            const unsigned char *data, size_t n, unsigned owed,
                            unsigned *complete);

/* After VERDICT_WRONG, with the same bytes: says what came and what should have. */
void exchange_explain(const struct exchange *x, const struct checked *c,
                      const unsigned char *data, size_t n, FILE *to);

#endif
