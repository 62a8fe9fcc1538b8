# what recv brought is taken for a string
# file: common/service.c
# tests: scenarios:frames/any-byte
# grade: 2 nul-ends-it
# server: poll_server
/^static enum progress serve_calc/,/^}/s/    while (p < end && progress == SERVICE_IDLE) {/    if (memchr(p, '\\0', (size_t)(end - p)) != NULL)\
        end = p + strlen(p);\
&/
