# after the last reply nothing is read, so closing sends a RST
# file: common/conn.h
# tests: unit
s/return c->state == CONN_FAREWELL || c->state == CONN_LEAVING;/return false;/
