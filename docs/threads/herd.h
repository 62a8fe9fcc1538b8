/* herd - what the waiters (herd_waiters.c) and their counting (herd.c) share. */
#ifndef MUXLAB_HERD_H
#define MUXLAB_HERD_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { HERD_WAITERS_MAX = 64, HERD_CONNECTIONS = 100 };

/* A way to wait for clients. */
struct way {
    const char *name;
    uint32_t    events;     /* of epoll; 0: accept itself blocks */
    bool        own_epoll, own_listener, mutex;
};

struct herd {
    const struct way  *way;
    struct sockaddr_in address;     /* where all of them listen */
    int                listener;    /* what all of them inherit */
    int                epoll;
    struct counts {                 /* in memory that processes share, too */
        pthread_mutex_t mutex;
        atomic_int      threads[HERD_WAITERS_MAX];    /* as gettid(2) names them */
        atomic_long     accepted, in_vain;
    } *counts;
};

extern struct herd herd;            /* one process stages one way */
extern const struct way herd_ways[];

/* Open what the waiters share. */
void herd_open(void);

/* One waiter: says which thread it is, and accepts for ever. */
void *herd_wait(void *thread);

/* End the process if a call has failed; else its result. */
int herd_check(int result, const char *call);

#endif
