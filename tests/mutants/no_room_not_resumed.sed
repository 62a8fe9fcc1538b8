# requests left over for want of room are never taken up
# file: common/conn.h
# tests: unit
s/return conn_paused(c) || c->read_left == 0;/return buffer_length(\&c->out) > 0 || c->read_left == 0;/
