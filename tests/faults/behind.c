#define _GNU_SOURCE
#include "behind.h"

#include "../lib/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

static char folder[4096] = ".";
static const char *const variables[] = {
    "LD_PRELOAD", "SHIM_FAIL", "SHIM_EINTR", "SHIM_SHORT", "SHIM_CLOCK", "SHIM_REPORT"
};

void behind_find(const char *program)
{
    const char *slash = strrchr(program, '/'), *asan = getenv("ASAN_OPTIONS");
    char options[1000];

    if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - program), program);
    if (access(behind_path("shim.so"), R_OK) < 0) {
        fprintf(stderr, "%s: cannot read %s: %s; make builds it\n", program,
                behind_path("shim.so"), strerror(errno));
        exit(2);
    }
    /* The shim stands before a sanitizer's own malloc, which minds that by default. */
    snprintf(options, sizeof options, "%s:verify_asan_link_order=0", asan ? asan : "");
    setenv("ASAN_OPTIONS", options, 1);
}

const char *behind_path(const char *name)
{
    static char path[4200];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void behind_shim(const char *variable, const char *value)
{
    setenv("LD_PRELOAD", behind_path("shim.so"), 1);
    setenv(variable, value, 1);
}

struct shim_page *behind_count(void)
{
    int fd = memfd_create("calls", 0);
    struct shim_page *page = MAP_FAILED;
    char path[64];

    if (fd >= 0 && ftruncate(fd, sizeof *page) == 0)
        page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(page != MAP_FAILED, "no memory to share with the shim: %s", strerror(errno));
    /* The server opens the same file by this name. */
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fd);
    behind_shim("SHIM_REPORT", path);
    return page;
}

void behind_nothing(void)
{
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        unsetenv(variables[i]);
}

/* In a container, or with a hardened kernel, strace may be there and not work. */
static int strace_works(void)
{
    return system("strace -o /dev/null true >/dev/null 2>&1") == 0;
}

char **behind_strace(char *const command[], const char *calls, const char *how)
{
    static char *words[MOST_WORDS + 1], trace[300], inject[300];
    /* -D: the server is our child, and strace a grandchild out of the way. */
    char *const first[] = { "strace", "-D", "-o", "/dev/null",
                            "-e", trace, "-e", inject };
    size_t count = sizeof first / sizeof first[0];

    if (!strace_works())
        return NULL;
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* that wants to trace, too */
    snprintf(trace, sizeof trace, "trace=%s", calls);
    snprintf(inject, sizeof inject, "inject=%s:%s", calls, how);
    memcpy(words, first, sizeof first);
    for (size_t i = 0; command[i] && count < MOST_WORDS; i++)
        words[count++] = command[i];
    words[count] = NULL;
    return words;
}
