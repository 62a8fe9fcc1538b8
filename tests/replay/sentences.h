/* sentences - what happened, in a sentence, and the call as strace(1) would show it. */
#ifndef SENTENCES_H
#define SENTENCES_H

#include "lane.h"

/* "client A's socket, fd 7" */
void sentence_name(const struct books *b, int fd, char to[60]);

/* Of a call that has returned (of a wait that is entered: of IT_WAITS). */
void sentence_of_call(struct moment *m, const struct books *before, const struct tracee *t);
void sentence_of_wait(struct moment *m);

void sentence_of_act(struct moment *m, const char *act);
void sentence_of_note(struct moment *m, int peer);

/* "{3 4 7–1006}": the descriptors with this bit in one set of a select. */
void sentence_set(char *to, const struct books *b, uint32_t bit, bool reported);

/* "IN OUT" of EPOLLIN | EPOLLOUT; "–" of nothing. */
const char *sentence_events(uint32_t events, char to[64]);

#endif
