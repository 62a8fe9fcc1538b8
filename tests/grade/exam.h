/* exam - the seven stages, their checks, and what a check writes down.
 *
 * A check runs in a process of its own and reads as the list of what must hold: the
 * functions of dialogue.h end it at the first thing that does not. What it did, expected
 * and saw it writes on its sheet, which it shares with the grader. The grader, an ancestor
 * of the server, then looks at the server (diagnose.h) while the check's sockets are still
 * open, and ends the check's process. */
#ifndef EXAM_H
#define EXAM_H

#include "subject.h"

#include <stdbool.h>
#include <stdint.h>

enum { STAGES = 7, CHECKS_MOST = 10 };

/* How a check failed. */
enum kind {
    SILENCE,  /* nothing, or nothing more, came in time */
    WRONG,    /* other bytes came */
    ENDED,    /* the stream ended too soon */
    RESET,    /* by an RST */
    EXTRA,    /* more came than was due, or no end */
    REFUSED,  /* no connection */
    SPINS,    /* processor time while nothing is to be done */
    GROWS,    /* memory, or descriptors */
    SLOW,     /* each step in time, all of it not */
    KINDS
};

enum verdict { UNTRIED, PASSED, FAILED, NOT_JUDGED, NOT_POSSIBLE };

struct sheet {
    enum verdict verdict;
    enum kind kind;
    const char *cause;             /* from causes.h */
    const char *nuance;            /* what more was seen of it, for its words there, or NULL */
    const char *blamed[KINDS];     /* what the check takes for the cause of each kind ... */
    const char *blamed_read;       /* ... of a server that sleeps in a read of another */
    const char *blamed_unread;     /* ... of one that does not ask for bytes that lie there */
    const char *blamed_backlog;    /* ... of one that leaves clients in the backlog */
    const char *blamed_exit;       /* ... of one that ended by itself */
    const char *blamed_signal;     /* ... of one that a signal ended */
    int ended_by;                  /* it ended: 1, and the signal that did it */
    bool certain;                  /* the check's cause stands, whatever the kernel shows */
    bool fin_is_edge;              /* a FIN alone is seen: one that is not came together
                                      with data */
    bool keeps;                    /* replies wait in its process, not only in the kernel */
    double quickest;               /* seconds, of the reply that came fastest */
    bool unsettled;                /* the server was still busy with what it was offered */
    int asker;                     /* port of the client in question, or 0 */
    int skipped;                   /* checks of the same kind not made after this */
    int wrong_too;                 /* sums that are wrong beside this one */
    char did[600], expected[300], seen[600], kernel[600];
};

/* What the server does; calc and echo: docs/protocol.md, chat: docs/labs/08-chat.md. */
enum service { CALC, ECHO, CHAT, SERVICES };
extern const char *const service_names[SERVICES];

/* What all checks of one run have in common; each has its copy. */
struct exam {
    struct subject *subject;
    enum service service;
    bool echo; /* the reply to a line is that line: echo, and of chat the speaker's own */
    uint64_t seed, random; /* random: the state of random_below, anew for each check */
    double patience;       /* seconds until a wait counts as a hang */
    const char *framing;   /* the cause for which requests that are cut or joined fail,
                              or NULL: later checks that join them fail for it too */
    const char *fin;       /* likewise the cause for which a half-close fails */
    const char *closing;   /* likewise the cause for which clients that stay are closed */
    const char *spin;      /* likewise the cause for which it is not quiet when nobody speaks */
    int ends;              /* likewise how it ends, as on a sheet, where no check has a name
                              for it: `killed`, `exits` */
    const char *waits_in;  /* the wait in which it was seen asleep: "poll" ...; or NULL */
    int runs_since;        /* the stage at whose end it ran without a rest already, or 0 */
    const char *missing;   /* likewise the cause for which replies are thrown away */
    struct sheet *sheet;
};

struct check {
    const char *name;
    int points;             /* of the stage's */
    void (*run)(struct exam *);
    int spare;              /* start the server anew, with so many descriptors in use */
};

struct stage {
    const char *name;
    int points;
    const struct check *checks[SERVICES]; /* each ends with a NULL name */
};

extern const struct stage stages[STAGES];
const struct check *stage_checks(const struct stage *s, enum service service);

extern const struct check answers_calc[], answers_echo[], answers_chat[], stream_calc[],
    stream_echo[], stream_chat[], two_calc[], two_echo[], two_chat[], endings_calc[],
    endings_echo[], endings_chat[], slow_calc[], slow_echo[], slow_chat[], quiet_checks[],
    limits_checks[];

/* Checks of stage_chat.c that stand beside others in a stage. */
void chat_all_hear(struct exam *e);
void chat_silent(struct exam *e);
void chat_order(struct exam *e);
void chat_leave(struct exam *e);
void chat_cut(struct exam *e);

/* From 0 to n - 1, the same for the same seed and check. */
long random_below(struct exam *e, long n);

/* "4.1 MB", "936 bytes". */
const char *amount(unsigned long bytes, char text[32]);

/* A check may take so long in all. */
double exam_limit(const struct exam *e);

/* Runs the check against e->subject; the sheet is filled in but for the cause's sake of
 * lateness, which the caller judges. */
void exam_run(struct exam *e, const struct check *c);

#endif
