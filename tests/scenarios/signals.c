/* Signals that must not disturb anybody: SIGPIPE, SIGUSR1, SIGSTOP and SIGCONT. */
#define _GNU_SOURCE
#include "scenario.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

SCENARIO(sigpipe, "signals/sigpipe", "calc", "",
    "Does writing to clients that are gone leave the server alive? Their requests are "
    "queued, they reset, then the replies fall due.")
{
    struct script t = { 0 };
    struct bystander b;
    int before;

    script_add_sums(&t, 2000);
    before = server_descriptors(s);
    for (int i = 0; i < 20; i++) {
        int fd = client_open(s);

        client_ask(fd);
        server_signal(s, SIGSTOP);
        client_send(fd, t.bytes, t.len);
        if (i % 2) {
            client_reset(fd);
        } else { /* its kernel answers the first reply by a reset */
            client_finish(fd);
            close(fd);
        }
        server_signal(s, SIGCONT);
    }
    server_expect_descriptors(s, before);
    server_signal(s, SIGPIPE);
    bystander_start(&b, s);
    bystander_expect_well(&b, 5);
    script_free(&t);
}

SCENARIO(usr1_storm, "signals/usr1-storm", "calc", "",
    "Does SIGUSR1, again and again, interrupt no call for good and lose no byte?")
{
    struct script t = { 0 };
    struct bystander b;
    pid_t storm;
    int fd = client_open(s);

    for (int i = 0; i < 20; i++) {
        server_settle(s);
        server_signal_asleep(s, SIGUSR1); /* no bytes come meanwhile: the wait is broken off */
        client_ask(fd);
    }
    close(fd);
    script_add_sums(&t, 10000);
    script_ready(&t, CLIENT_FINISHES);
    bystander_start(&b, s);
    if ((storm = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < 300; i++) {
            kill(s->owner, SIGUSR1);
            guard_sleep_until(guard_now() + 0.0003);
        }
        _exit(0);
    }
    check(storm > 0, "fork failed");
    while (waitpid(storm, NULL, WNOHANG) == 0)
        script_play(&t, s);
    bystander_expect_well(&b, 50);
    script_free(&t);
}

SCENARIO(stop_and_continue, "signals/stop-and-continue", "calc", "",
    "Does service resume after SIGSTOP and SIGCONT, for those who came meanwhile too?")
{
    int fds[20];

    client_ask(fds[0] = client_open(s));
    for (int round = 0; round < 5; round++) {
        server_signal(s, SIGSTOP);
        for (int i = round ? 0 : 1; i < 20; i++) {
            if (round == 0)
                fds[i] = client_open(s);
            client_say(fds[i], "9@10 + 1234@");
        }
        server_signal(s, SIGCONT);
        for (int i = round ? 0 : 1; i < 20; i++)
            client_hear(fds[i], "6@1244 0@");
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
}

scenario_list signals_scenarios = {
    &sigpipe, &usr1_storm, &stop_and_continue, NULL
};
