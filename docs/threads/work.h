/* work - make each request dear: the time of a processor that a real service would take. */
#ifndef MUXLAB_WORK_H
#define MUXLAB_WORK_H

#include <stdint.h>
#include <time.h>

/* A turn answers some 1,400 requests at the most, so it takes at most 1.4 s then: while a
 * worker is in it, it neither stops nor serves anybody else. */
enum { WORK_MAX = 1000 };

/* Use so many microseconds of this thread's processor time for each request. */
static inline void work_for(uint64_t requests, long microseconds)
{
    struct timespec t;
    int64_t end, now;

    if (requests == 0 || microseconds == 0)
        return;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    now = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
    end = now + (int64_t)requests * microseconds * 1000;
    while (now < end) {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        now = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
    }
}

#endif
