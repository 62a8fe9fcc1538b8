# a slot that moves is not noted in its client
# file: poll_server/poll_server.c
# tests: scenarios:crowd/every-second
/clients\[slot\]->slot = /d
