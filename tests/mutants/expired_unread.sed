# a client is given up without being read once more
# file: common/conn.c
# tests: unit scenarios:clocks/stopped
s/if (c->overdue \&\& !(c->filled/if (!(c->filled/
