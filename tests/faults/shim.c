/* shim.c - the plan of the preload shim: which call fails, and how.
 *
 * Tests only. Preloaded into a server, it makes happen on demand what a kernel
 * does once a month:
 *
 *   SHIM_FAIL=accept4:3:EMFILE     the 3rd call of accept4 fails with EMFILE
 *   SHIM_FAIL=accept4:3:EMFILE:5   ... and the four after it
 *   SHIM_EINTR=2                   every 2nd call that may block is interrupted
 *   SHIM_SHORT=7                   reads and writes move a random part (seed 7)
 *   SHIM_CLOCK=3600                each reading of the wall clock is an hour
 *                                  before or after the last; the monotonic
 *                                  clock stays as it is
 *   SHIM_LEAK=10000                each free loses so many bytes more
 *   SHIM_LAG=4000                  each send after the 4000th takes a ms longer
 *   SHIM_REPORT=FILE               counts of calls, as struct shim_page
 *
 *   $ LD_PRELOAD=build/tests/shim.so SHIM_FAIL=listen:1:EADDRINUSE \
 *         build/poll_server
 *   poll_server: cannot listen on 127.0.0.1:8082: Address already in use; ...
 *
 * Several threads may call at once: what changes while they run is atomic.
 *
 * Nothing is counted or failed before main: the C library's own start is not
 * under test. A plan that cannot be read ends the program with status 125, for
 * a fault that is silently not made would pass every test.
 */
#define _GNU_SOURCE
#include "shim_plan.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAME_OF(name) #name,
static const char *const call_names[] = { SHIM_CALLS(NAME_OF) };

#define NUMBER_OF(error) { #error, error },
static const struct {
    const char *name;
    int number;
} errors[] = {
    NUMBER_OF(EACCES) NUMBER_OF(EADDRINUSE) NUMBER_OF(EADDRNOTAVAIL)
    NUMBER_OF(EAFNOSUPPORT) NUMBER_OF(EAGAIN) NUMBER_OF(EBADF) NUMBER_OF(ECONNABORTED)
    NUMBER_OF(ECONNRESET) NUMBER_OF(EFAULT) NUMBER_OF(EHOSTUNREACH) NUMBER_OF(EINTR)
    NUMBER_OF(EINVAL) NUMBER_OF(EIO) NUMBER_OF(EMFILE) NUMBER_OF(ENETDOWN)
    NUMBER_OF(ENETUNREACH) NUMBER_OF(ENFILE) NUMBER_OF(ENOBUFS) NUMBER_OF(ENOENT)
    NUMBER_OF(ENOMEM) NUMBER_OF(ENOPROTOOPT) NUMBER_OF(ENOSYS) NUMBER_OF(ENOSPC)
    NUMBER_OF(ENOTCONN) NUMBER_OF(EOPNOTSUPP) NUMBER_OF(EPERM)
    NUMBER_OF(EPIPE) NUMBER_OF(EPROTO) NUMBER_OF(EPROTONOSUPPORT)
    NUMBER_OF(ETIMEDOUT) NUMBER_OF(EAI_AGAIN) NUMBER_OF(EAI_FAIL)
    NUMBER_OF(EAI_MEMORY) NUMBER_OF(EAI_SYSTEM)
};

static struct {
    int ready;                 /* the constructor has run */
    int call;                  /* the call that fails, -1 for none */
    unsigned long first, times; /* which of its calls */
    int error;
    unsigned long interrupt_every; /* 0: never */
    atomic_ulong blocking_calls;
    atomic_uint random; /* 0: nothing is cut short */
    long step;       /* seconds, 0: the wall clock stands as it is */
    size_t leak;     /* bytes a free, 0: none */
    unsigned long lag; /* sends after which they become slow, 0: never */
    struct shim_page *page;
} plan;

static struct shim_page private_page;

static void plan_refuse(const char *variable, const char *text)
{
    dprintf(STDERR_FILENO, "shim: cannot make sense of %s=%s\n", variable, text);
    _exit(125);
}

static int call_by_name(const char *name)
{
    int call = 0;

    while (call < SHIM_CALL_COUNT && strcmp(call_names[call], name) != 0)
        call++;
    return call < SHIM_CALL_COUNT ? call : -1;
}

static int error_by_name(const char *name)
{
    size_t count = sizeof errors / sizeof errors[0], i = 0;

    while (i < count && strcmp(errors[i].name, name) != 0)
        i++;
    return i < count ? errors[i].number : 0;
}

static void plan_failure(const char *text)
{
    char call[24], error[24];
    int fields;

    plan.times = 1;
    fields = sscanf(text, "%23[a-z0-9_]:%lu:%23[A-Z0-9_]:%lu", call, &plan.first, error,
                    &plan.times);

    plan.call = fields >= 3 ? call_by_name(call) : -1;
    plan.error = fields >= 3 ? error_by_name(error) : 0;
    if (plan.call < 0 || plan.error == 0 || plan.first == 0 || plan.times == 0)
        plan_refuse("SHIM_FAIL", text);
}

static void plan_report(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *page = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof *plan.page) == 0)
        page = mmap(NULL, sizeof *plan.page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        plan_refuse("SHIM_REPORT", path);
    plan.page = page;
    close(fd);
}

static unsigned long number_from(const char *variable)
{
    const char *text = getenv(variable);
    char *end;
    unsigned long value;

    if (!text)
        return 0;
    value = strtoul(text, &end, 10);
    if (*end || end == text)
        plan_refuse(variable, text);
    return value;
}

__attribute__((constructor)) static void plan_read(void)
{
    const char *failure = getenv("SHIM_FAIL"), *report = getenv("SHIM_REPORT");

    plan.page = &private_page;
    plan.call = -1;
    if (failure)
        plan_failure(failure);
    if (report)
        plan_report(report);
    plan.interrupt_every = number_from("SHIM_EINTR");
    plan.random = (unsigned)number_from("SHIM_SHORT");
    plan.step = (long)number_from("SHIM_CLOCK");
    plan.leak = number_from("SHIM_LEAK");
    plan.lag = number_from("SHIM_LAG");
    plan.ready = 1;
}

static int call_may_block(enum shim_call call)
{
    switch (call) {
    case CALL_accept: case CALL_accept4: case CALL_recv: case CALL_send:
    case CALL_read: case CALL_write: case CALL_select: case CALL_poll:
    case CALL_epoll_wait:
        return 1;
    default:
        return 0;
    }
}

/* The page is plain memory to the program that reads it. */
static unsigned long count(unsigned long *figure)
{
    return __atomic_add_fetch(figure, 1, __ATOMIC_RELAXED);
}

int shim_strike(enum shim_call call)
{
    unsigned long number, first;
    int error = 0;

    if (!plan.ready)
        return 0;
    number = count(&plan.page->calls[call]);
    first = plan.page->first ? plan.page->first : plan.first;
    if ((int)call == plan.call && number >= first && number - first < plan.times)
        error = plan.error;
    else if (plan.interrupt_every && call_may_block(call)
             && (atomic_fetch_add(&plan.blocking_calls, 1) + 1) % plan.interrupt_every == 0)
        error = EINTR;
    if (error) {
        count(&plan.page->struck);
        errno = error;
    }
    return error;
}

/* The generator is the one of POSIX's rand() example: the same on every C
 * library. Half of the cuts leave a handful of bytes, where the bugs are. */
size_t shim_cut(size_t length)
{
    unsigned last = plan.random, random;
    size_t most;

    if (!plan.ready || !last || length < 2)
        return length;
    do
        random = last * 1103515245u + 12345u;
    while (!atomic_compare_exchange_weak(&plan.random, &last, random));
    most = random >> 30 & 1 ? length : 8;
    most = 1 + (random >> 8) % most;
    if (most >= length)
        return length;
    count(&plan.page->cut);
    return most;
}

size_t shim_leak(void)
{
    return plan.ready ? plan.leak : 0;
}

void shim_lag(void)
{
    const struct timespec millisecond = { 0, 1000000 };

    if (plan.ready && plan.lag && plan.page->calls[CALL_send] > plan.lag)
        nanosleep(&millisecond, NULL);
}

void shim_step(time_t *seconds)
{
    unsigned long reading;

    if (!plan.ready)
        return;
    reading = count(&plan.page->wall_reads) - 1;
    *seconds += (reading % 2 ? -plan.step : plan.step) * (long)(1 + reading / 2);
}

/* dlsym yields an object pointer; C lets only memory, not a cast, turn that
 * into a function pointer.  Two threads may search for the same one: both find it. */
int shim_next(enum shim_call call, const char *name, void *next)
{
    static _Atomic(void *) found[SHIM_CALL_COUNT];
    /* initial-exec: the other models may call malloc, which is not there yet when a sanitizer
     * makes its first call. */
    static _Thread_local int searching __attribute__((tls_model("initial-exec")));
    void *function = found[call];

    if (!function && searching)
        return 0;
    searching = 1;
    if (!function && !(function = dlsym(RTLD_NEXT, name))) {
        dprintf(STDERR_FILENO, "shim: the C library has no %s\n", name);
        _exit(125);
    }
    searching = 0;
    found[call] = function;
    memcpy(next, &function, sizeof function);
    return 1;
}
