/* ladder - climbs the ladder: shows each rung's limit, and that it is gone on the next one.
 *
 *     $ build/tests/ladder                # all rungs, then the server that comes after them
 *     $ build/tests/ladder 05-select      # one
 *
 * A rung is build/ladder/NAME, made from docs/ladder/NAME.c. What happens is told on stdout,
 * the same on every machine; the status is 0 if each limit showed itself where it should, and
 * only there.
 */
#define _GNU_SOURCE
#include "../lib/check.h"
#include "../lib/command.h"
#include "../lib/guard.h"
#include "plays.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct scene {
    bool (*play)(struct server *s);
    bool passes;    /* the limit is gone; else it is there to see */
};

static struct rung {
    const char *name;
    struct scene scenes[3];
} rungs[] = {
    { "01-one", { { play_silent, false } } },
    { "02-fork", { { play_silent, true }, { play_crowd, false } } },
    { "03-thread", { { play_silent, true }, { play_crowd, false } } },
    { "04-spin", { { play_silent, true }, { play_crowd, true }, { play_quiet, false } } },
    { "05-select", { { play_quiet, true }, { play_high, false } } },
    { "06-poll", { { play_high, true }, { play_sum, false } } },
    { "07-sums", { { play_sum, true }, { play_pieces, false } } },
    { "08-frames", { { play_pieces, true }, { play_unread, false } } },
    { "09-replies", { { play_unread, true }, { play_list, false } } },
    { "10-epoll", { { play_list, true }, { play_full, false } } },
    { "11-edge", { { play_full, true }, { play_burst, false } } },
    { "12-drain", { { play_burst, true }, { play_stranded, false } } },
    { "epoll_et_server", { { play_stranded, true } } },
};
enum { RUNGS = sizeof rungs / sizeof *rungs };

static char build[PATH_MAX];    /* the folder of what was built */

/* The rung says first where it listens: serving SERVICE on 127.0.0.1:PORT */
static void read_line(struct server *s)
{
    struct sockaddr_in *a = (struct sockaddr_in *)&s->address;
    int port;

    check(server_read_banner(s), "it does not say where it listens, only \"%s\"", s->banner);
    check(sscanf(s->banner, "serving %19s on 127.0.0.1:%d", s->service, &port) == 2,
          "expected \"serving SERVICE on 127.0.0.1:PORT\", got \"%s\"", s->banner);
    a->sin_family = AF_INET;
    a->sin_port = htons((in_port_t)port);
    a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->address_len = sizeof *a;
}

static void start(struct server *s, const char *name, bool high)
{
    char path[PATH_MAX + 40], inherit[PATH_MAX + 40], zero[] = "0", first[] = "1020";
    char *plain[] = { path, zero, NULL }, *above[] = { inherit, first, path, zero, NULL };
    char *server[] = { path, NULL };

    snprintf(inherit, sizeof inherit, "%s/inherit", build);
    snprintf(path, sizeof path, "%s/%s%s", build, strchr(name, '_') ? "" : "ladder/", name);
    if (strchr(name, '_')) {
        server_start(s, server, "");
        return;
    }
    server_spawn(s, high ? above : plain, "");
    read_line(s);
}

/* Enough descriptors for those that come after 1,020? */
static bool raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < 1100)
        return false;
    if (limit.rlim_cur < 1100)
        limit.rlim_cur = 1100;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Each scene has a server of its own, and each rung a process, with which all ends. */
static void climb(void *argument)
{
    const struct rung *rung = argument;

    for (const struct scene *scene = rung->scenes; scene < rung->scenes + 3 && scene->play;
         scene++) {
        bool high = scene->play == play_high;
        struct server s;

        if (high && !raise_limit()) {
            fprintf(page, "(Skipped: this needs 1,100 descriptors, see ulimit -Hn.)\n");
            continue;
        }
        start(&s, rung->name, high);
        check(scene->play(&s) == scene->passes,
              scene->passes ? "the limit of the rung below is still there"
                            : "the limit does not show");
        fflush(page);
        server_signal(&s, SIGKILL);
        server_wait(&s);
    }
    exit(0);
}

static bool climb_one(struct rung *rung)
{
    static char name[100];

    snprintf(name, sizeof name, "ladder/%s", rung->name);
    fprintf(page, "== %s\n", rung->name);
    fflush(page);
    check_start(name, 120, climb, (void *)rung);
    return check_reap() != CHECK_FAIL;
}

int main(int argc, char **argv)
{
    bool well = true;

    command_begin();
    page = stdout;
    command_folder(build, sizeof build);
    *strrchr(build, '/') = '\0';    /* .../tests/ladder */
    for (int i = 0; i < RUNGS && argc < 2; i++)
        well = climb_one(&rungs[i]) && well;
    for (int word = 1; word < argc; word++) {
        int i = 0;

        while (i < RUNGS && strcmp(rungs[i].name, argv[word]) != 0)
            i++;
        if (i == RUNGS) {
            fprintf(stderr, "ladder: there is no rung %s; they are 01-one to 12-drain\n",
                    argv[word]);
            return 2;
        }
        well = climb_one(&rungs[i]) && well;
    }
    return command_end(well ? 0 : 1);
}
