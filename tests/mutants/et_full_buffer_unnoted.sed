# a send that the socket did not take leaves it writable
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz
/if (out == IO_AGAIN/s/out == IO_AGAIN || out == IO_PART/0/
