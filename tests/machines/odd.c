/* odd - run a command as an odd parent would.
 *
 *     $ build/tests/odd -b build/poll_server
 *
 *   -b     INT, TERM, HUP and USR1 are blocked (a mask is inherited over exec)
 *   -c     descriptors 0, 1 and 2 are closed
 *   -C N   descriptor N is closed
 *   -f     no file may grow (RLIMIT_FSIZE is 0), and SIGXFSZ does what it does
 *   -i     SIGCHLD, SIGHUP, SIGINT and SIGPIPE are ignored
 *   -n     as many descriptors as the kernel allows
 *   -t     stderr is a terminal that nobody reads
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void ignore_signals(void)
{
    signal(SIGCHLD, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

/* The most that fs.nr_open lets a process have; only root may raise the hard limit. */
static void raise_descriptors(void)
{
    struct rlimit limit = { 1 << 20, 1 << 20 };
    FILE *file = fopen("/proc/sys/fs/nr_open", "r");
    unsigned long most;

    if (file != NULL && fscanf(file, "%lu", &most) == 1)
        limit.rlim_cur = limit.rlim_max = most;
    if (file != NULL)
        fclose(file);
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        exit(77);
}

/* The command inherits the other end, so the terminal does not hang up. */
static void forget_stderr(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave = -1;

    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0 || dup2(slave, STDERR_FILENO) < 0)
        exit(77);
    close(slave);
}

int main(int argc, char **argv)
{
    struct rlimit none = { 0, 0 };
    int option;

    while ((option = getopt(argc, argv, "+bcC:fint")) != -1)
        switch (option) {
        case 'b': block_signals(); break;
        case 'c': close(0); close(1); close(2); break;
        case 'C': close(atoi(optarg)); break;
        case 'f': setrlimit(RLIMIT_FSIZE, &none); break;
        case 'i': ignore_signals(); break;
        case 'n': raise_descriptors(); break;
        case 't': forget_stderr(); break;
        default: return 2;
        }
    if (optind == argc)
        return 2;
    execvp(argv[optind], argv + optind);
    fprintf(stderr, "odd: cannot run %s: %s\n", argv[optind], strerror(errno));
    return 127;
}
