# after the last reply nothing is read, so closing sends a RST
# file: common/conn.h
# tests: unit
/if (c->last)/{n;s/true/false/;}
