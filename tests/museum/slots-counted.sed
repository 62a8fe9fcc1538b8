# clients are counted, where the value of the descriptor matters
# file: select_server/select_server.c
# tests: scenarios:descriptors/fd-setsize
# grade: 7 fd-setsize
/^static void accept_clients/,/^}/s/fd >= FD_SETSIZE/l->ledger.now >= FD_SETSIZE/
