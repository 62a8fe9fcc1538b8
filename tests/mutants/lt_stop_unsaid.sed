# a stop is not told to the clients
# file: epoll_lt_server/epoll_lt_server.c
# tests: fuzz
/^static void stop/,/^}/{/conn_stop/d;}
