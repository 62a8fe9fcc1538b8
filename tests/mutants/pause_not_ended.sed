# a close does not end the pause of accepting
# file: common/conn.c
# tests: unit
/clock_alarm_pending(\&l->clock, CLOCK_ACCEPT_PAUSE)/{N;d;}
