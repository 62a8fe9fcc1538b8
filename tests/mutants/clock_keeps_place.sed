# a timer that is started anew keeps its place in the queue
# file: common/clock.h
# tests: unit
/^static inline void clock_start/,/^}/{/link_remove/s/.*/    if (link_alone(\&t->link))/;}
