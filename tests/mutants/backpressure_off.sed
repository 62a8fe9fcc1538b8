# requests are read while replies wait
# file: common/conn.h
# tests: unit
s/return !conn_paused(c) \&\& c->may_read > 0;/return c->may_read > 0;/
