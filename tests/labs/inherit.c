/* inherit - run a command that finds all descriptors below a number taken.
 *
 *     $ build/inherit 1000 build/select_server
 *
 * A process inherits the descriptors that its parent left open.  A shell can leave open
 * nine; this opens /dev/null until the next free descriptor is N, and becomes the
 * command.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *end = "";
    long n = argc > 2 ? strtol(argv[1], &end, 10) : -1;
    int fd;

    if (n < 3 || n > 1000000 || *end != '\0') {
        fputs("usage: inherit N COMMAND ...   (N: the first free descriptor)\n", stderr);
        return 2;
    }
    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd < n)
        ;
    if (fd < 0) {
        fprintf(stderr, "inherit: cannot open so many: %s; ulimit -n is lower\n",
                strerror(errno));
        return 1;
    }
    close(fd);
    execvp(argv[2], argv + 2);
    fprintf(stderr, "inherit: cannot run %s: %s\n", argv[2], strerror(errno));
    return 127;
}
