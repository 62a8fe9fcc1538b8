# every byte of a dripped request restarts its clock
# file: common/conn.c
# tests: unit
s/kind == CLOCK_REQUEST \&\& c->consumed/kind == CLOCK_REQUEST \&\& c->moved/
