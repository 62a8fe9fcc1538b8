# a signal during recv ends a client
# file: common/conn.c
# tests: unit
0,/while (n < 0 && errno == EINTR)/s//while (0)/
