/* brood - all that a program has started, wherever that went, and its end.
 *
 * A child may start others, leave its process group, and end before them. The kernel gives such
 * orphans to the nearest ancestor that adopts them (PR_SET_CHILD_SUBREAPER): so whoever ends its
 * children, then those that have come to it meanwhile, and so on, ends all of them.
 *
 * For programs of one thread, and for their end: all children are waited for here. A SIGKILL to
 * the program itself is outlived by what asks for no PR_SET_PDEATHSIG. */
#ifndef BROOD_H
#define BROOD_H

#include <sys/types.h>

enum { BROOD_MOST = 512 };

/* From now on the orphans below are children. A SIGCHLD that is ignored, as a parent may leave it,
 * would cost the status of each. */
void brood_adopt(void);

/* The children of this moment, also those that have ended and were not waited for. Returns how
 * many; 0 where the kernel does not tell (CONFIG_PROC_CHILDREN). */
int brood_children(pid_t children[BROOD_MOST]);

/* Sends the signal to every child, SIGKILL after a second, and waits until there is none, for five
 * seconds at the most. May be called in a signal handler, as brood_children. */
void brood_end(int sig);

/* INT, TERM and HUP, where they are not ignored, call brood_end(sig), then `also` (NULL for
 * nothing more), and then end this program as they always do. Processes that are forked later
 * inherit that: one that does not exec restores the default. */
void brood_tidy(int sig, void (*also)(void));

#endif
