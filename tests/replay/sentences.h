/* sentences - what happened, in a sentence, and the call as strace(1) would show it. */
#ifndef SENTENCES_H
#define SENTENCES_H

#include "lane.h"

/* "client A's socket, fd 7" */
void sentence_name(const struct books *b, int fd, char to[60]);

/* Of a call that has returned (of a wait that is entered: of IT_WAITS). */
void sentence_of_call(struct moment *m, const struct books *before, const struct tracee *t);
void sentence_of_wait(struct moment *m, const struct tracee *t);

void sentence_of_act(struct moment *m, const char *act);
void sentence_of_note(struct moment *m, int peer);

/* "IN OUT" of EPOLLIN | EPOLLOUT; "–" of nothing. */
const char *sentence_events(uint32_t events, char to[64]);

#endif
