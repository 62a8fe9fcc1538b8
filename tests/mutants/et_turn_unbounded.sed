# one client may be served without end
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz
s/ROUNDS = 8/ROUNDS = 1 << 30/
