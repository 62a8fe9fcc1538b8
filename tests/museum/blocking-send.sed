# accepted sockets are left in blocking mode
# file: common/net.c
# tests: scenarios:backpressure/never-reads
# grade: 5 blocking-send
# server: select_server
s/SOCK_NONBLOCK | SOCK_CLOEXEC);/SOCK_CLOEXEC);/
