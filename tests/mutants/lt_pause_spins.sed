# the listener is watched while accepting is paused
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:descriptors/
/case NET_SHORTAGE:/{n;d;}
