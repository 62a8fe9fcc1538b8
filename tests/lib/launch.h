/* launch - a server as a child process: start it, watch it from outside, end it.
 *
 * Any command line will do that keeps the options and the banner of docs/protocol.md:
 *
 *     struct server s;
 *     server_start(&s, command, "-c 3 -i 0.2");
 *     ... server_term(&s); server_expect_exit(&s, 0); ...
 *
 * The port: where the command holds `{port}` (`./mine {port}`, `./mine -p {port}`,
 * `./mine --port={port}`), a free number is put there; else `-p 0` is appended and the
 * kernel chooses. The real one is read from the banner. Options are put after the
 * command's own and before the port.
 *
 * The server leads a process group of its own, and all of that ends with the test. Its
 * stderr is kept in a file, which is shown when the test fails, with its command line. All
 * functions fail the test (check.h) where they cannot do what they say. */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

struct server {
    char *const *command; /* as it was given */
    pid_t pid;         /* 0 once its end was waited for */
    pid_t owner;       /* who listens, gets the signals and is looked at: pid, or a child */
    int out;           /* read end of the pipe that is its stdout */
    int err;           /* the file that is its stderr, for pread(2) */
    char banner[200];  /* the first line of stdout, without the newline */
    char service[20];  /* as the banner names it */
    struct sockaddr_storage address;
    socklen_t address_len;
};

/* Starts `command` (ended by NULL) with `options` (words parted by spaces, may be "")
 * and waits for its banner. */
void server_start(struct server *s, char *const command[], const char *options);

/* The same without waiting, and with no port of our own given: for command lines that
 * must fail, for -h and -V. `service` and `address` stay empty. */
void server_spawn(struct server *s, char *const command[], const char *options);

/* Reads the first line of stdout into `banner`. False: stdout ends before. */
bool server_read_banner(struct server *s);

/* Sends a signal. SIGSTOP returns once the process is stopped. */
void server_signal(struct server *s, int sig);

/* Waits for the end. Returns the exit status, or 128 + the signal that killed it: in
 * words, "ended: exit 1" or "died: signal 8, Floating point exception". */
int server_wait(struct server *s);
const char *server_tell_end(int status);

/* SIGTERM, and then what is wrong with its end: NULL when it was exit 0. A server that was
 * gone before, or a word of a sanitizer, fails the test. server_stop fails it for each. */
const char *server_end(struct server *s);
void server_stop(struct server *s);

/* How the server started last has ended, in these words, or NULL if it has not within
 * 0.2 s. And the failure of a test whose server is gone. */
const char *server_death(void);
_Noreturn void server_fail_gone(void);

/* What is left in stdout until its end, or all of stderr so far, as a string the caller
 * frees. server_stdout is for after the end. */
char *server_stdout(struct server *s);
char *server_stderr(struct server *s);

/* Figures of /proc/PID. */
double server_cpu(const struct server *s);         /* seconds of CPU used */
bool server_is_stopped(const struct server *s);
long server_memory(const struct server *s);        /* VmRSS in KiB */
bool server_is_sanitized(const struct server *s);  /* memory figures mean nothing */
int server_descriptors(const struct server *s);    /* how many are open */
int server_next_descriptor(const struct server *s); /* lowest number not in use */

/* Lets the running server open no descriptor of `limit` or more: accept then fails with
 * EMFILE, though -c has room. Returns the limit that was. */
rlim_t server_limit_descriptors(const struct server *s, rlim_t limit);

/* Waits until each thread of the server sleeps, which over loopback means that it has
 * handled what was sent before the call. Gives up after 0.1 s: makes cuts sharp, decides
 * nothing. */
void server_settle(const struct server *s);

/* Of a settled server: sends a signal, and waits until it has woken and sleeps again, so
 * that nothing else ends its wait. Gives up after 0.1 s, as above. */
void server_signal_asleep(struct server *s, int sig);

/* Waits until `n` descriptors are open: everybody else is gone, or has come. */
void server_expect_descriptors(const struct server *s, int n);

/* Fails if the server uses more than 5 % of a CPU in the next `seconds`, or on a busy
 * machine would if it could: for when nobody asks it anything. */
void server_expect_calm(const struct server *s, double seconds);

#endif
