/* watch - a check's look at the server from outside: has it read, does it rest, does it live
 * through a stop? Like those of dialogue.h, these end the check when something does not hold. */
#ifndef WATCH_H
#define WATCH_H

#include "dialogue.h"

/* Waits until the server has accepted this client and read all that it sent, or does not want
 * to: it sleeps. With -1, until it sleeps. Makes cuts sharp, decides nothing. */
void settle(struct exam *e, int fd);

/* Stops the server (Ctrl-Z) until `resume`: all that is done meanwhile is there at once
 * when it looks. False where it cannot be stopped; then nothing is. */
bool suspend(struct exam *e);
void resume(struct exam *e);

/* A stop may end a wait with EINTR. Before a check stops the server for another reason, this
 * sees that it lives through a stop. */
void expect_survival(struct exam *e);

/* Processor time: under 5 % while nobody has anything to do. `when` says when. */
void expect_calm(struct exam *e, const char *when);

/* Sends without reading, from *sent on, until all is sent or nothing moves any more; returns
 * how much the server's process has taken in all; *sent becomes how much left the client. */
size_t push(struct exam *e, int fd, const struct script *t, size_t *sent);

/* Sends without reading, bit by bit, until the server's socket is full: the server has read all,
 * and some replies wait in its process. False where it stopped reading before. */
bool push_to_brim(struct exam *e, int fd, const struct script *t, size_t *sent);

#endif
