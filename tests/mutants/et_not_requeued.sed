# a client whose turn was cut short is forgotten
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz
/^static void serve_client/,/^}/{/update(s, c);/s//;/;}
