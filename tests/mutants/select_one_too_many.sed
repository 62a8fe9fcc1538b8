# one client more than allowed is served
# file: select_server/select_server.c
# tests: scenarios:full-house/
s/sh->ledger.now >= sh->max_clients/sh->ledger.now > sh->max_clients/
