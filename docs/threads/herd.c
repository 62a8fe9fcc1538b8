/* herd - several waiters and one connection: how many of them wake?
 *
 *     $ build/herd [--fork] [--json] [WAITERS]     (threads, or processes; 4)
 *
 * A wakeup is a sleep that ended, as /proc counts them for each waiter; "in vain" is a
 * return of the wait for which accept had no client.  Both are per connection: first one
 * connection at a time, while everybody sleeps, then all of them in a burst.
 */
#define _GNU_SOURCE
#include "herd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUARD = 30 };    /* seconds for one way */

static int waiters = 4;
static bool use_fork, json;

/* The sleeps that have ended so far, once every waiter sleeps and none has moved since. */
static long wakeups(void)
{
    long before, sum = -1, asleep;

    do {
        before = sum;
        sum = asleep = 0;
        for (int i = 0; i < waiters; i++) {
            char path[64], text[4096], *s;
            FILE *f;

            snprintf(path, sizeof path, "/proc/%d/task/%d/status",
                     use_fork ? herd.counts->threads[i] : getpid(), herd.counts->threads[i]);
            if (herd.counts->threads[i] == 0 || (f = fopen(path, "r")) == NULL)
                continue;
            text[fread(text, 1, sizeof text - 1, f)] = '\0';
            fclose(f);
            asleep += strstr(text, "State:\tS") != NULL;
            if ((s = strstr(text, "\nvoluntary_ctxt_switches:")) != NULL)
                sum += atol(strchr(s, ':') + 1);
        }
        usleep(500);
    } while (asleep < waiters || sum != before);
    return sum;
}

/* Connect so many, wait until they are accepted and all is quiet; show it per connection. */
static void measure(const char *name, int at_once)
{
    long before = wakeups(), in_vain = herd.counts->in_vain, target = herd.counts->accepted;

    for (int done = 0; done < HERD_CONNECTIONS; done += at_once) {
        for (int i = 0; i < at_once; i++)
            herd_check(connect(herd_check(socket(AF_INET, SOCK_STREAM, 0), "socket"),
                          (struct sockaddr *)&herd.address, sizeof herd.address), "connect");
        for (target += at_once; herd.counts->accepted < target; )
            usleep(100);
        wakeups();
    }
    printf(json ? ",\"%s_wakeups\":%.2f,\"%s_in_vain\":%.2f" : "%.0s%10.2f%.0s%9.2f", name,
           (double)(wakeups() - before) / (double)HERD_CONNECTIONS, name,
           (double)(herd.counts->in_vain - in_vain) / (double)HERD_CONNECTIONS);
}

/* Each way has a process of its own, which ends its threads when it ends. */
static void try_it(void)
{
    pthread_t thread;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(GUARD);
    herd_open();
    for (int i = 0; i < waiters; i++)
        if (!use_fork) {
            errno = pthread_create(&thread, NULL, herd_wait, &herd.counts->threads[i]);
            herd_check(errno == 0 ? 0 : -1, "pthread_create");
        } else if (herd_check(fork(), "fork") == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            herd_wait(&herd.counts->threads[i]);
        }
    printf(json ? "{\"way\":\"%s\",\"waiters\":%d,\"fork\":%s" : "%-24s", herd.way->name,
           waiters, use_fork ? "true" : "false");
    measure("one", 1);
    measure("burst", HERD_CONNECTIONS);
    puts(json ? "}" : "");
    herd_check(fflush(stdout), "stdout");
    exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
    int status = 0, failed = 0;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--fork") == 0)
            use_fork = true;
        else if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if ((waiters = atoi(argv[i])) < 1 || waiters > HERD_WAITERS_MAX)
            return fputs("usage: herd [--fork] [--json] [WAITERS, 1 to 64]\n", stderr), 2;
    herd_check(fcntl(STDOUT_FILENO, F_GETFD), "stdout");    /* a socket would get its number */
    herd.counts = mmap(NULL, sizeof *herd.counts, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!json)
        printf("%-24s%19s%19s\n%-24s%10s%9s%10s%9s\n", "", "one at a time", "in a burst",
               "a connection", "wakeups", "in vain", "wakeups", "in vain");
    for (herd.way = herd_ways; herd.way->name != NULL; herd.way++) {
        memset(herd.counts, 0, sizeof *herd.counts);
        herd.address = (struct sockaddr_in){ .sin_family = AF_INET };
        herd.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        herd_check(fflush(stdout), "stdout");
        if (herd_check(fork(), "fork") == 0)
            try_it();
        failed |= wait(&status) < 0 || status != 0;
    }
    return failed;
}
