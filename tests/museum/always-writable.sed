# interest in writing is always on
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:descriptors/want
# grade: 6 spins-on-write-interest
/^static uint32_t interest/,/^}/s/(conn_wants_write(c) ? EPOLLOUT : 0u)/EPOLLOUT/
