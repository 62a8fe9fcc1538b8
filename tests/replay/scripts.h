/* scripts - what the clients do, and what is asked of the reader before they do it. */
#ifndef SCRIPTS_H
#define SCRIPTS_H

enum { ACTS = 16 };

struct script_of_acts {
    const char *name;        /* in links: #bites/12 */
    const char *title;
    const char *question;    /* to be answered before step one */
    const char *answer;      /* after the last */
    const char *options;     /* of the servers */
    const char *acts[ACTS];  /* lane_act; NULL ends them */
};

extern const struct script_of_acts scripts[];    /* one without a name ends them */

#endif
