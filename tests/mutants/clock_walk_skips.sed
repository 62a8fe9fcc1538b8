# the walk over all timers skips an empty queue and the rest
# file: common/clock.c
# tests: unit
s/while (next == &k->queue\[kind\])/if (next == \&k->queue[kind])/
