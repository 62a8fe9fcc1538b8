/* kernel - what the kernel keeps and does not tell, by its documented rules: which descriptor is
 * ready for what, and what is on epoll's ready list. Within books.h. */
#ifndef KERNEL_H
#define KERNEL_H

#include "books.h"

bool by_epoll(const struct books *b);

/* The descriptor that is this; -1 if none is. */
int slot_of(const struct books *b, char who);

/* Something has happened to a socket. */
void happened(struct books *b, int fd, uint32_t what);

/* A wait is entered: it takes off what is no longer ready. */
void leave_list(struct books *b);

/* A wait returns: what will it report? At most `most`; returns how many. */
int walk_list(struct books *b, int most, short due[], uint32_t due_events[]);

/* A descriptor is closed. */
void off_list(struct books *b, int fd);

#endif
