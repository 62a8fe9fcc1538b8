# a new request goes on with the clock of the one before
# file: common/conn.c
# tests: unit
s/kind == CLOCK_REQUEST \&\& c->consumed/0/
