# requests are read while replies wait
# file: common/conn.h
# tests: unit
s/return buffer_length(&c->out) == 0 && c->progress/return c->progress/
