#define _GNU_SOURCE
#include "tracee.h"

#include "../lib/check.h"
#include "../lib/guard.h"
#include "../lib/proc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static enum call_class class_of(uint64_t number, const uint64_t argument[6])
{
    switch (number) {
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6: return CALL_IS_SELECT;
#ifdef SYS_poll
    case SYS_poll:
#endif
    /* One entry is no loop's wait: before it writes a report, the server asks whether stderr
     * takes it. */
    case SYS_ppoll: return argument[1] > 1 ? CALL_IS_POLL : CALL_IS_OTHER;
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
    case SYS_epoll_pwait: return CALL_IS_EPOLL_WAIT;
    case SYS_epoll_ctl: return CALL_IS_CONTROL;
    case SYS_accept4: return CALL_IS_ACCEPT;
    case SYS_recvfrom: return CALL_IS_RECV;
    case SYS_sendto: return CALL_IS_SEND;
    case SYS_shutdown: return CALL_IS_SHUTDOWN;
    case SYS_close: return CALL_IS_CLOSE;
    case SYS_write: return argument[0] == STDERR_FILENO ? CALL_IS_SAY : CALL_IS_OTHER;
    default: return CALL_IS_OTHER;
    }
}

/* A descriptor of another process as one of ours (pidfd_getfd(2)); it must be closed before
 * that one goes on. musl has no function for it. */
static int borrow(pid_t pid, int fd)
{
    int process = (int)syscall(SYS_pidfd_open, pid, 0), ours;

    if (process < 0)
        return -1;
    ours = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
    close(process);
    return ours;
}

struct tracee_socket tracee_ask(const struct tracee *t, int fd)
{
    struct tracee_socket s = { -1, -1, -1, 0 };
    struct tcp_info info;
    socklen_t size = sizeof info;
    int ours = borrow(t->server.pid, fd);
    struct pollfd slot = { .fd = ours, .events = POLLIN | POLLOUT | POLLRDHUP };

    if (ours < 0)
        return s;
    ioctl(ours, FIONREAD, &s.unread);
    ioctl(ours, TIOCOUTQ, &s.unsent);
    if (getsockopt(ours, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
        s.state = info.tcpi_state;
    if (poll(&slot, 1, 0) == 1)
        s.ready = slot.revents;
    close(ours);
    return s;
}

bool tracee_allowed(void)
{
    int ours = borrow(getpid(), STDOUT_FILENO);
    /* On 32 bits the calls have other names, and their times another size. */
    pid_t pid = ours >= 0 && sizeof(long) == 8 ? fork() : -1;
    int status;

    if (ours >= 0)
        close(ours);

    if (pid == 0)
        _exit(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void let_go(struct tracee *t, int sig)
{
    check(ptrace(PTRACE_SYSCALL, t->server.pid, 0, (void *)(long)sig) == 0,
          "PTRACE_SYSCALL: %s", strerror(errno));
    t->running = true;
}

/* Sleeping in its wait, and not merely on the way to it. */
static bool sleeps(const struct tracee *t)
{
    char text[512];
    const char *state = proc_stat(t->server.pid, 0, text, sizeof text);

    return state != NULL && *state == 'S';
}

static void note_entry(struct tracee *t, const struct __ptrace_syscall_info *info)
{
    t->class = class_of(info->entry.nr, info->entry.args);
    for (int i = 0; i < 6; i++)
        t->argument[i] = (unsigned long)info->entry.args[i];
    t->inside = true;
}

/* One stop of any kind; false if it is none to tell of, and the server runs again. */
static bool stopped(struct tracee *t, int status)
{
    struct __ptrace_syscall_info info;

    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
        let_go(t, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
        return false;
    }
    check(ptrace(PTRACE_GET_SYSCALL_INFO, t->server.pid, (void *)sizeof info, &info) > 0,
          "PTRACE_GET_SYSCALL_INFO (Linux 5.3): %s", strerror(errno));
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        note_entry(t, &info);
    } else {
        t->inside = false;
        t->result = (long)info.exit.rval;
    }
    if (t->class == CALL_IS_OTHER)
        let_go(t, 0);
    return t->class != CALL_IS_OTHER;
}

enum tracee_stop tracee_step(struct tracee *t)
{
    double end = guard_end();

    if (!t->running)
        let_go(t, 0);
    for (;;) {
        bool asleep = t->inside && tracee_waits(t) && sleeps(t);
        int status;
        pid_t pid = waitpid(t->server.pid, &status, WNOHANG | __WALL);

        if (pid == t->server.pid && !WIFSTOPPED(status)) {
            t->status = status;
            t->server.pid = 0;
            return ENDED;
        }
        if (pid == t->server.pid) {
            t->running = false;
            if (stopped(t, status))
                return t->inside ? AT_ENTRY : AT_EXIT;
            continue;
        }
        if (asleep)
            return ASLEEP;
        check(guard_now() < end, "the server neither sleeps nor makes a call");
        usleep(20);
    }
}

static void become(char *const command[], int out)
{
    dup2(out, STDOUT_FILENO);
    dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO);
    dup2(STDIN_FILENO, STDERR_FILENO);    /* what it says is seen in its write(2) */
    for (int fd = 3; fd < 4096; fd++)     /* the server's numbers must not depend on ours */
        close(fd);
    setpgid(0, 0);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);    /* that one cannot be under ptrace */
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(command[0], command);
    _exit(127);
}

/* The port of "NAME: serving SERVICE on 127.0.0.1:PORT". */
void tracee_read_banner(struct tracee *t)
{
    struct sockaddr_in *a = (struct sockaddr_in *)&t->server.address;
    const char *text = t->server.banner, *port;

    server_read_banner(&t->server);
    port = strrchr(text, ':');
    check(port != NULL && strstr(text, ": serving ") != NULL, "no banner: '%s'", text);
    *a = (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(port + 1)),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    t->server.address_len = sizeof *a;
}

void tracee_start(struct tracee *t, char *const command[])
{
    int out[2], status;

    *t = (struct tracee){ .server.command = command };
    check(pipe2(out, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
    t->server.owner = t->server.pid = fork();
    check(t->server.pid >= 0, "fork: %s", strerror(errno));
    if (t->server.pid == 0)
        become(command, out[1]);
    check_owns(t->server.pid);
    close(out[1]);
    check(waitpid(t->server.pid, &status, 0) == t->server.pid && WIFSTOPPED(status),
          "%s cannot be started", command[0]);
    check(ptrace(PTRACE_SETOPTIONS, t->server.pid, 0,
                 (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) == 0,
          "PTRACE_SETOPTIONS: %s", strerror(errno));
    t->server.out = out[0];
}

void tracee_read(const struct tracee *t, unsigned long from, void *to, size_t size)
{
    struct iovec here = { to, size }, there = { (void *)from, size };

    check(process_vm_readv(t->server.pid, &here, 1, &there, 1, 0) == (ssize_t)size,
          "cannot read %zu bytes of the server's memory: %s", size, strerror(errno));
}
