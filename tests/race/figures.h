/* figures - what the race shows of a server, a second at a time. */
#ifndef RACE_FIGURES_H
#define RACE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

enum figure { REQUESTS, PROCESSOR, READY, SCANNED, BYTES, WAITS, MEMORY, FIGURES };

struct figure_words {
    const char *title;          /* on the screen */
    const char *meaning;
    const char *column;         /* above a column of a table */
    const char *key;            /* in JSON */
};
extern const struct figure_words figure_words[FIGURES];

/* The counters of a server's ledger that are shown here (docs/ledger.md). */
struct books {
    double waits, ready, scanned, kernel_bytes;
};

/* The sums that the figures are made of.  Seconds are those in which this server had the load. */
struct tally {
    double seconds, cpu, requests, memory_kib;
    bool has_books;             /* the server tells its ledger */
    struct books books;
};

void tally_add(struct tally *sum, const struct tally *t);

/* NAN where it cannot be known. */
double tally_figure(const struct tally *t, enum figure f);

/* A figure with as many digits as are of use, and commas; "-" for NAN. */
enum { FIGURE_TEXT = 32 };
void figure_text(char text[FIGURE_TEXT], double figure);

/* A whole number, with commas. */
void count_text(char text[FIGURE_TEXT], int count);

/* The same load for every server. */
enum { DEPTH_MAX = 64, SERVERS_MAX = 8, NAME_MAX_LENGTH = 10 };
struct load {
    const char *service;
    int active, idle, depth;
};

/* What the screen shows of one server. */
enum { MINUTE = 60 };
struct standing {
    const char *name;
    int clients;                /* that it serves; fewer than wanted: it is full */
    bool full;
    const char *out;            /* why it is out of the race; NULL: it is not */
    double past[MINUTE][FIGURES];       /* second by second; the last one is the newest */
};

struct view {
    struct load load;
    int seconds;                /* measured so far */
    bool paused;
    int first;                  /* figure; where not all have room */
    const char *words;          /* below them */
    int count;
    const struct standing *servers;
};

#endif
