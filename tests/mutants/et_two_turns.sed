# who is on the ready list is served for its edge as well
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz
/^static void hear_client/,/^}/s/else if (link_alone(&c->ready))/else/
