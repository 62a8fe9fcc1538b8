/* waits - tests of what happens when a thread's wait fails for good. */
#ifndef WAITS_H
#define WAITS_H

/* One wait of a worker fails.  Does the process end in order? */
void worker_wait_fails(char *const command[]);

/* No client can be accepted, and the wait of the pauses fails.  Does the process end, or
 * does the accept thread spin? */
void acceptor_wait_fails(char *const command[]);

#endif
