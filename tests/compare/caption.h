#ifndef COMPARE_CAPTION_H
#define COMPARE_CAPTION_H

#include "results.h"

struct caption {
    const char *what;   /* what is done */
    const char *look;   /* what to look for */
    const char *why;    /* why it is so */
};
extern const struct caption captions[EXPERIMENTS + 1];      /* [0] is unused */

#endif
