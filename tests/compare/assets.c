#include "assets.h"

void asset_write(FILE *out, const char *const lines[])
{
    for (int i = 0; lines[i] != NULL; i++)
        fputs(lines[i], out);
}
