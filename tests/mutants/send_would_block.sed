# a full send buffer ends a client
# file: common/conn.c
# tests: unit
/} else if (errno == EAGAIN) {/s/errno == EAGAIN/0/
