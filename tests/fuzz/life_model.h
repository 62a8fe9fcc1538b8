/* life_model - what a stream of requests, read at once, is owed. */
#ifndef LIFE_MODEL_H
#define LIFE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "../../common/service.h"

struct model {
    enum service service;
    const char  *sent;          /* what came */
    size_t       sent_size;
    bool         whole;         /* all replies must be there; else the first of them */
    bool         may_be_cut;    /* what a cut request is told may be left out */
};

/* Abort unless what was sent is what these n bytes, and then EOF or not, are owed. */
void model_check(const struct model *m, const char *bytes, size_t n, bool eof);

#endif
