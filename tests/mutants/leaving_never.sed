# a client that sends on and on in its farewell is never closed
# file: common/conn.c
# tests: unit scenarios:clocks/ scenarios:farewell/
s/ \&\& c->state == CONN_OPEN;$/;/
