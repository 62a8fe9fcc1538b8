# requests are read while replies wait
# file: common/conn.h
# tests: unit
s/return !conn_paused(c) \&\& c->read_left > 0;/return c->read_left > 0;/
