/* lane - one server, played a script, and a moment kept of each thing that happens. */
#ifndef LANE_H
#define LANE_H

#include "books.h"

/* What a moment is. */
enum moment_kind { A_CLIENT_ACTS, THE_KERNEL_NOTES, THE_WAIT_RETURNS, A_HANDLER_ACTS,
                   THE_KERNEL_IS_TOLD, IT_WAITS };

struct moment {
    enum moment_kind kind;
    int act;                /* which of the script's acts it follows */
    int wakeup;             /* of those after this act, from 0; -1 before the first */
    char sentence[SAID];    /* what happened */
    char call[SAID];        /* the system call, if it is one, as strace would show it */
    char said[SAID];        /* at IT_WAITS: what -vv has said of the turn */
    struct books after;
};

struct lane {
    enum mechanism_kind kind;
    struct tracee tracee;
    struct books books;
    struct words words;
    char said[SAID];
    bool ledger_held;       /* it has printed its ledger, and ours agreed */
    bool recording;
    bool parked;            /* before a wait of some time: see lane_run */
    double parked_at;
    int act, wakeup;
    struct moment *moments;
    int count, room;
    int silent[FDS];        /* the silent clients' own ends */
    int silent_count;
};

extern const char *const lane_names[LANES];     /* "select" ... */
extern const char *const lane_waits[LANES];     /* the call that waits */

/* Starts B/NAME_server with these options, and lets it run until it sleeps. */
void lane_start(struct lane *l, enum mechanism_kind kind, const char *build,
                const char *options);

/* One act of the script: "A opens", "A says TEXT", "A asks 900", "A reads", "A finishes",
 * "A says TEXT and finishes", "A leaves", "500 open", "one descriptor" (no more than
 * one can be had), "from here" (what follows is kept). */
void lane_act(struct lane *l, const char *act);

/* Ends the server, and holds its ledger against ours. */
void lane_end(struct lane *l);

/* Frees its moments. */
void lane_forget(struct lane *l);

#endif
