#include "fact.h"
#include <stddef.h>
static const struct fact *const facts[] = { NULL };
const struct theme theme_sockets = { "sockets", "sockets", facts };
