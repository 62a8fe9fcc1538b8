# clients that wait through a pause are forgotten
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:descriptors/
s/s->backlog = !program_is_accepting.*/s->backlog = false;/
