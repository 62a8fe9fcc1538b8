# the listener is watched while accepting is paused
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:descriptors/
s/events = program_is_accepting(p, \&s->loop) ? EPOLLIN : 0;/events = EPOLLIN;/
