# a slow reader whose last read was full never expires
# file: common/conn.c
# tests: unit
s/!(c->filled \&\& conn_wants_read(c))/!c->filled/
