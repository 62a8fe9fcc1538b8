# bytes that move do not restart the quiet clock
# file: common/conn.c
# tests: unit
s/(kind == CLOCK_QUIET \&\& c->moved)/0/
