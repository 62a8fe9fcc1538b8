#define _GNU_SOURCE
#include "scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

void scene_tell(struct scene *s, const char *format, ...)
{
    char *line = s->exam->sheet->kernel;
    size_t room = sizeof s->exam->sheet->kernel, len = strlen(line);
    va_list arguments;

    if (len > 0 && len < room - 3) {
        strcat(line, "; ");
        len += 2;
    }
    va_start(arguments, format);
    vsnprintf(line + len, room - len, format, arguments);
    va_end(arguments);
}

void scene_cause(struct scene *s, const char *cause)
{
    if (!s->exam->sheet->cause)
        s->exam->sheet->cause = cause;
}

static void find_listener(struct scene *s)
{
    pid_t pid;
    bool blind;

    s->listener_fd = -1;
    if (witness_socket_of(s->exam->subject->port, 0, &s->listener))
        witness_owner(&s->tree, s->listener.inode, &pid, &s->listener_fd, &blind);
}

void scene_look(struct scene *s)
{
    struct sheet *sheet = s->exam->sheet;
    bool blind;

    subject_tree(s->exam->subject, &s->tree);
    s->task_count = witness_tasks(&s->tree, s->tasks);
    s->interest_count = witness_interest(&s->tree, s->interest, &s->interest_told);
    find_listener(s);
    s->fd = -1;
    s->has_socket = sheet->asker && witness_socket_of(s->exam->subject->port,
                                                      sheet->asker, &s->socket);
    if (s->has_socket && s->socket.inode)
        witness_owner(&s->tree, s->socket.inode, &s->pid, &s->fd, &blind);
}

const struct interest *scene_interest(const struct scene *s, int fd)
{
    for (int i = 0; i < s->interest_count; i++)
        if (s->interest[i].fd == fd)
            return &s->interest[i];
    return NULL;
}

void scene_tell_interest(struct scene *s, int fd)
{
    const struct interest *i = scene_interest(s, fd);
    char events[64];

    if (i && (i->events & ~(unsigned)(EPOLLERR | EPOLLHUP)) == 0) /* these epoll adds by itself */
        scene_tell(s, "fd %d is registered, but for no event", fd);
    else if (i && !strcmp(i->by, "epoll"))
        scene_tell(s, "fd %d is registered %s", fd, witness_events(i->events, events));
    else if (i)
        scene_tell(s, "%s was asked for %s of fd %d", i->by,
                   witness_events(i->events, events), fd);
    else if (s->interest_told)
        scene_tell(s, "nobody waits for fd %d", fd);
}

void scene_tell_waiting(struct scene *s)
{
    scene_tell(s, s->listener.unread == 1 ? "%lu client waits to be accepted"
                                          : "%lu clients wait to be accepted",
               s->listener.unread);
}
