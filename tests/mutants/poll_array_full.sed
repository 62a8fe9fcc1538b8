# the array does not grow
# file: poll_server/poll_server.c
# tests: scenarios:crowd/every-second
s/if (s->used < s->size)/if (s->size > 0)/
