# every byte of a dripped request restarts its clock
# file: common/conn.c
# tests: unit
s/kind == CLOCK_REQUEST \&\& c->fresh/kind == CLOCK_REQUEST \&\& c->moved/
