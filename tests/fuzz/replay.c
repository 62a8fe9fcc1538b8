/* replay - give each file of a folder to a fuzz target, with any compiler.
 *
 *     $ build/tests/fuzz/replay_frame tests/fuzz/corpus/frame
 *     ok fuzz/frame (41 inputs)
 *
 * A child goes first through all of them; which one it died of is told by its parent.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 20, GUARD = 60 };

/* Where the child is, for its parent to see. */
struct place {
    char name[512];
    int  inputs;
};

static void replay_file(const char *path, struct place *at)
{
    static uint8_t input[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    uint8_t *copy;
    size_t size;

    if (f == NULL) {
        perror(path);
        exit(2);
    }
    size = fread(input, 1, sizeof input, f);
    fclose(f);
    copy = malloc(size);        /* its exact size, for AddressSanitizer */
    if (size > 0)
        memcpy(copy, input, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    at->inputs++;
}

static void replay_folder(const char *folder, struct place *at)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);

    if (n < 0) {
        perror(folder);
        exit(2);
    }
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(at->name, sizeof at->name, "%s/%s", folder, entries[i]->d_name);
            replay_file(at->name, at);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    const char *target = strchr(name != NULL ? name : argv[0], '_');
    struct place *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child;
    int status;

    if (argc != 2 || at == MAP_FAILED) {
        fputs("usage: replay_TARGET FOLDER\n", stderr);
        return 2;
    }
    target = target != NULL ? target + 1 : name;
    if ((child = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(GUARD);
        replay_folder(argv[1], at);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 2;
    if (status == 0 && at->inputs > 0) {
        printf("ok fuzz/%s (%d inputs)\n", target, at->inputs);
        return 0;
    }
    if (at->inputs == 0 && status == 0)
        printf("FAIL fuzz/%s: expected inputs in %s, came none\n", target, argv[1]);
    else
        printf("FAIL fuzz/%s: expected all invariants to hold, %s %d with %s\n", target,
               WIFSIGNALED(status) ? "died of signal" : "ended with status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), at->name);
    return 1;
}
