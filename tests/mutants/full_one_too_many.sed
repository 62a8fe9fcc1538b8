# one client more than allowed is served
# file: common/program.h
# tests: scenarios:full-house/
s/return l->ledger.now >= p->max_clients;/return l->ledger.now > p->max_clients;/
