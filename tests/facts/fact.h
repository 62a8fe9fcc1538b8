/* fact - claims about select, poll and epoll, each with a function that asks the kernel.
 *
 * A fact is a card and a function.  The function does what the claim speaks of and says what
 * it saw, in numbers, together with what must be so:
 *
 *     promised(n == 1, "epoll_wait returned %d", n);
 *     here(n == 3, "%d of 3 waiters woke", n);
 *
 * What POSIX, an RFC or a man page of Linux promises is `promised`: seen otherwise, the fact
 * is wrong and the build fails.  What only this kernel was seen to do is `here`: seen otherwise,
 * the fact says so, and nothing fails.  The sentence says what was seen, whether or not it
 * must be so.
 *
 * Each fact runs in a process of its own (check.h), so it may leave descriptors open and
 * signals handled: they end with it. */
#ifndef FACT_H
#define FACT_H

#include <features.h>      /* __GLIBC__ */
#include <stdbool.h>
#include <stddef.h>

enum verdict { FACT_TRUE, FACT_FALSE, FACT_DEPENDS };

struct fact {
    const char *name;       /* theme/name */
    void (*run)(void);
    const char *claim;      /* as a learner would say it */
    enum verdict verdict;
    const char *answer;     /* why; if it depends, what follows "It depends": "on ..." */
    const char *question;   /* as a learner would ask it; NULL: not among those asked most */
    const char *reply;      /* to the question, in a few words */
    const char *documented; /* man pages, POSIX, RFC */
    const char *see;        /* pages of this project, as links from docs/ */
    const char *taught;     /* where it is said otherwise; or NULL */
    const char *met;        /* who met it in public; or NULL */
};

struct theme {
    const char *name;       /* the first part of its facts' names */
    const char *title;
    const struct fact *const *facts;    /* ends with NULL */
};

extern const struct theme *const themes[];      /* ends with NULL; as a learner meets them */

void promised(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
void here(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The C library stands between a fact and the kernel, and two of them differ. */
#ifdef __GLIBC__
enum { GLIBC = true };
#else
enum { GLIBC = false };
#endif

/* What a fact needs before it can ask: a call that fails here ends the fact, which is then
 * wrong.  The text names the call and errno.  Evaluates to what the call returned. */
#define MUST(call) must((call), #call)
int must(int result, const char *call);

/* --- for the program ---------------------------------------------------------------- */

enum status { AS_SAID, OTHERWISE_HERE, SKIPPED, WRONG };
enum { SIGHTS = 12, SIGHT_TEXT = 400 };

struct outcome {
    enum status status;
    int count;              /* of sights */
    struct sight {
        bool promised, holds;
        char text[SIGHT_TEXT];
    } sights[SIGHTS];
    char reason[1000];      /* why it was skipped, or what is wrong */
};

/* Run one fact; the sight number `turned`, counted from 1, is turned round (0: none). */
void fact_run(const struct fact *fact, int turned, struct outcome *outcome);

const char *verdict_word(enum verdict verdict);

/* "False. Why ..." or "It depends on ...", with `mark` around the verdict. */
void write_answer(char *text, size_t size, const struct fact *fact, const char *mark);

/* Write text to stdout in lines of at most 96 columns, each after `indent` blanks; the first
 * one begins with `lead` instead. */
void write_wrapped(const char *lead, int indent, const char *text);

/* Write docs/facts.md to stdout. */
void write_page(const struct outcome *outcomes);

/* Write all outcomes as JSON; false, with errno, if the file cannot be written. */
bool write_json(const char *file, const struct outcome *outcomes);

#endif
