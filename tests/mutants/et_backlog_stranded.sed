# who waits in the backlog behind a full budget is forgotten
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:crowd/
/s->backlog = true;/s//accept_clients(s);/
