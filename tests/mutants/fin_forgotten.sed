# no FIN follows the last reply
# file: common/conn.c
# tests: unit
s/} else if (shutdown(c->fd, SHUT_WR) < 0) {/} else if (0) {/
