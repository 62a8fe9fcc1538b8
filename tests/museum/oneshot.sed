# EPOLLONESHOT, and no rearming
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:frames/sum
# grade: 1 oneshot-not-rearmed
/^static uint32_t interest/,/^}/s/return /return (uint32_t)EPOLLONESHOT | /
