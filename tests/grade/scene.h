/* scene - what the kernel shows of a server at one moment, and what is said of it. */
#ifndef SCENE_H
#define SCENE_H

#include "exam.h"

/* What was looked at, once. */
struct scene {
    struct exam *exam;
    struct tree tree;
    struct task tasks[TASKS_MOST];
    int task_count;
    struct interest interest[INTEREST_MOST];
    int interest_count;
    bool interest_told;
    struct tcp_socket socket; /* the server's, of the client in question */
    bool has_socket;
    pid_t pid;                /* who holds it, under which number; -1: nobody, or not told */
    int fd;
    struct tcp_socket listener;
    int listener_fd;
};

/* Looks at all of it, of the server and of the sheet's asker. */
void scene_look(struct scene *s);

/* One more clause of the line that begins with "Kernel:". */
void scene_tell(struct scene *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void scene_tell_interest(struct scene *s, int fd);
void scene_tell_waiting(struct scene *s); /* who waits to be accepted */

/* The cause, unless there is one already. */
void scene_cause(struct scene *s, const char *cause);

/* The interest in a descriptor, or NULL. */
const struct interest *scene_interest(const struct scene *s, int fd);

/* diagnose_spin.c: the server runs without a rest; why? */
void diagnose_spin(struct scene *s);

#endif
