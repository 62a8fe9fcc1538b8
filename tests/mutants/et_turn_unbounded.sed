# one client may be served without end
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:backpressure/flood stopping/under-flood
s/ROUNDS = 8/ROUNDS = 1 << 30/
