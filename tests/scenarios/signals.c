/* Signals that must not disturb anybody: SIGPIPE, SIGUSR1, SIGSTOP and SIGCONT. */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Does writing to clients that are gone leave the server alive? Their requests are
   queued, they reset, then the replies fall due. */
static void sigpipe(char *const command[])
{
    struct script t = { 0 };
    struct bystander b;
    struct server s;
    int before;

    server_start(&s, command, "");
    script_add_sums(&t, 2000);
    before = server_descriptors(&s);
    for (int i = 0; i < 20; i++) {
        int fd = client_open(&s);

        client_ask(fd);
        server_signal(&s, SIGSTOP);
        client_send(fd, t.bytes, t.len);
        if (i % 2) {
            client_reset(fd);
        } else { /* its kernel answers the first reply by a reset */
            client_finish(fd);
            close(fd);
        }
        server_signal(&s, SIGCONT);
    }
    server_expect_descriptors(&s, before);
    server_signal(&s, SIGPIPE);
    bystander_start(&b, &s);
    bystander_expect_well(&b, 5);
    script_free(&t);
    server_stop(&s);
}

/* Does SIGUSR1, again and again, interrupt no call for good and lose no byte? */
static void usr1_storm(char *const command[])
{
    struct script t = { 0 };
    struct bystander b;
    struct server s;
    pid_t storm;
    int fd;

    server_start(&s, command, "");
    fd = client_open(&s);
    for (int i = 0; i < 20; i++) {
        server_settle(&s);
        server_signal_asleep(&s, SIGUSR1); /* no bytes come meanwhile: the wait is broken off */
        client_ask(fd);
    }
    close(fd);
    script_add_sums(&t, 10000);
    script_ready(&t, CLIENT_FINISHES);
    bystander_start(&b, &s);
    if ((storm = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < 300; i++) {
            kill(s.pid, SIGUSR1);
            guard_sleep_until(guard_now() + 0.0003);
        }
        _exit(0);
    }
    check(storm > 0, "fork failed");
    while (waitpid(storm, NULL, WNOHANG) == 0)
        script_play(&t, &s);
    bystander_expect_well(&b, 50);
    script_free(&t);
    server_stop(&s);
}

/* Does service resume after SIGSTOP and SIGCONT, for those who came meanwhile too? */
static void stop_and_continue(char *const command[])
{
    struct server s;
    int fds[20];

    server_start(&s, command, "");
    client_ask(fds[0] = client_open(&s));
    for (int round = 0; round < 5; round++) {
        server_signal(&s, SIGSTOP);
        for (int i = round ? 0 : 1; i < 20; i++) {
            if (round == 0)
                fds[i] = client_open(&s);
            client_say(fds[i], "9@10 + 1234@");
        }
        server_signal(&s, SIGCONT);
        for (int i = round ? 0 : 1; i < 20; i++)
            client_hear(fds[i], "6@1244 0@");
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    server_stop(&s);
}

const struct scenario signals_scenarios[] = {
    { "signals/sigpipe", "calc", sigpipe },
    { "signals/usr1-storm", "calc", usr1_storm },
    { "signals/stop-and-continue", "calc", stop_and_continue },
    { NULL, NULL, NULL }
};
