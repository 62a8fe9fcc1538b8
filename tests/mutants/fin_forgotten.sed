# no FIN follows the last reply
# file: common/conn.c
# tests: unit
s/} else if (!c->fin) {/} else if (0) {/
