#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64 /* for the upper half of 32-bit addresses */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t proc_read(pid_t pid, const char *name, char *text, size_t room)
{
    char path[100];
    size_t n = 0;
    ssize_t got;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    while ((got = read(fd, text + n, room - 1 - n)) > 0) /* a page at the most each time */
        n += (size_t)got;
    close(fd);
    text[n] = '\0';
    return got < 0 ? -1 : (ssize_t)n;
}

const char *proc_stat(pid_t pid, pid_t tid, char *text, size_t room)
{
    char name[40] = "stat", *name_end;

    if (tid != 0)
        snprintf(name, sizeof name, "task/%d/stat", (int)tid);
    if (proc_read(pid, name, text, room) < 0)
        return NULL;
    errno = EIO;
    /* The program's name before it may hold anything: the last parenthesis is the end. */
    name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' ? name_end + 2 : NULL;
}

long proc_figure(pid_t pid, const char *name, const char *field)
{
    char text[8192];
    const char *line;

    if (proc_read(pid, name, text, sizeof text) < 0)
        return -1;
    errno = EIO;
    for (line = text; (line = strstr(line, field)); line++)
        if (line == text || line[-1] == '\n')
            return atol(line + strlen(field));
    return -1;
}

int proc_walk(pid_t pid, const char *folder, bool (*look)(void *context, pid_t pid, int number),
              void *context)
{
    struct dirent *entry;
    char path[100];
    int count = 0;
    bool found = false;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, folder);
    if (!(dir = opendir(path)))
        return -1;
    while (!found && (entry = readdir(dir)))
        if (isdigit((unsigned char)entry->d_name[0])) {
            found = look && look(context, pid, atoi(entry->d_name));
            count++;
        }
    closedir(dir);
    return count;
}

bool proc_memory(pid_t pid, unsigned long at, void *bytes, size_t len)
{
    char path[64];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    if (at == 0 || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return false;
    n = pread(fd, bytes, len, (off_t)at);
    close(fd);
    return n == (ssize_t)len;
}
