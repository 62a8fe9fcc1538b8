# what is left of a millisecond is rounded down
# file: common/clock.c
# scene: -i 0.0009; A opens; run sleep 0.1; USR1
# tests: ledger:wait_timeouts>9
# server: epoll_lt_server
/^int clock_timeout/,/^}/s/ + (ns % 1000000 > 0)//
