# out of descriptors, the listener stays watched
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:descriptors/want
# grade: 7 emfile-spin
/^static void watch_listener/,/^}/s/program_is_accepting(p, &s->loop) ? EPOLLIN : 0/EPOLLIN/
