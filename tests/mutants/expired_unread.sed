# a client is given up without being read once more
# file: common/conn.c
# tests: unit scenarios:clocks/stopped
s/if (!c->late || (c->more/if ((c->more/
