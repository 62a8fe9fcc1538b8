/* script - what is done to the load: by a key, or by a line of a lecture's script. */
#ifndef RACE_SCRIPT_H
#define RACE_SCRIPT_H

#include <stdbool.h>

enum action { DO_NOTHING, DO_IDLE, DO_ACTIVE, DO_DEPTH, DO_SERVICE, DO_SAY, DO_ASK, DO_PAUSE,
              DO_PAGE, DO_QUIT };

enum { STEP_TEXT = 160, STEPS_MAX = 200 };

/* What a number means: that many; so many more; so many further in 1, 2, 5, 10, 20, 50 ... */
enum how { SET, ADD, MOVE };

struct step {
    int second;                 /* of those measured: when */
    enum action action;
    enum how how;
    int number;
    char text[STEP_TEXT];       /* of say and ask; the service, "" for the next one */
};

struct script {
    int count, next;
    struct step steps[STEPS_MAX];
};

/* Read a whole file.  A line that means nothing ends the program with status 2. */
void script_read(struct script *s, const char *file);

/* The next step that is due, or NULL. */
const struct step *script_due(struct script *s, int second);

/* What a key of screen.h means. */
struct step step_of_key(int key);

/* The number of a step applied to what there is now. */
int step_number(const struct step *s, int now);

bool service_known(const char *name);

#endif
