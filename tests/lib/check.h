/* check - the verdicts of a test.
 *
 * One test, one process. A check that fails prints the test's FAIL line and ends its
 * process, so a test reads as the list of what must hold and has no error path. The
 * lines go to stdout, one write(2) each, so tests may run side by side:
 *
 *     ok scenarios/poll_server/frames/sum
 *     FAIL scenarios/poll_server/frames/sum: expected "6@1244 0@", got "6@1245 0@"
 *     skip scenarios/poll_server/...: what is missing and how to get it
 *
 * Usage:
 *
 *     pid_t pid = check_start("suite/name", body, argument);
 *     failed += check_reap() == CHECK_FAIL;
*/
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum check_verdict { CHECK_OK = 0, CHECK_FAIL = 1, CHECK_SKIP = 77 };

enum { CHECK_SHOWN = 400 }; /* room for bytes made readable */

/* Runs body(argument) as the test `name` in a process of its own, under a last guard of
 * `seconds`, and longer where it stands in line for a processor; returning from body means
 * ok. A body that crashes or hangs has its FAIL line printed for it. Whatever our own parent
 * left odd (signals blocked, SIGCHLD ignored) is put right first. Returns what
 * check_reap_which will call it. */
pid_t check_start(const char *name, unsigned seconds, void (*body)(void *),
                  void *argument);

/* Waits for any one test started above and returns its verdict. */
enum check_verdict check_reap(void);
enum check_verdict check_reap_which(pid_t *which);

/* However the test ends, also when it is broken off, this process group is killed then.
 * check_killed kills it now, and forgets it. */
void check_owns(pid_t group);
void check_killed(pid_t group);

/* Ends the test. The reason says what was expected and what came. */
_Noreturn void check_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
_Noreturn void check_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* From now on a FAIL line says first what it is about: for tests of many rounds. */
void check_about(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on a FAIL line is followed by this one, indented. */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fails unless `holds`. */
void check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fails unless the two byte strings are equal; shows both where they part. */
void check_bytes(const char *what, const void *want, size_t want_len, const void *got,
                 size_t got_len);

/* Whether check_fail was called: for those who add to the account at exit. */
bool check_failed(void);

/* Writes bytes in C's notation, in quotes, cut to fit, into `shown`; returns it. */
char *check_escape(char shown[CHECK_SHOWN], const void *bytes, size_t len);

#endif
