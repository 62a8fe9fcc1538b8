# RDHUP is taken for "the client is gone"
# file: epoll_et_server/epoll_et_server.c
# tests: screen:3@3 0@
# scene: A opens; STOP; A sends 5@1 + 2@; A finishes; CONT
# grade: 4 half-close-unanswered
/^static void serve_client/,/^}/s/    bool more = has_work(c);/&\
\
    if (c->heard \& EPOLLRDHUP) {\
        c->cause = CONN_BY_PEER;\
        drop(s, c);\
        return;\
    }/
