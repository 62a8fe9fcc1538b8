# a change of interest is not told
# file: epoll_lt_server/epoll_lt_server.c
# tests: fuzz
s/    if (events == c->told)/    if (true)/
