# one accept an edge
# file: epoll_et_server/epoll_et_server.c
# tests: screen:3@3 0@
# scene: STOP; A opens; B opens; CONT; B sends 5@1 + 2@
# grade: 3 one-accept-per-edge
/^static void accept_clients/,/^}/s/    for (int budget = ACCEPT_BUDGET;/    s->backlog = false;\
    for (int budget = 1;/
