# every reply waits until EPOLLOUT has been asked for and reported
# file: epoll_lt_server/epoll_lt_server.c
# scene: A opens; A sends 5@1 + 2@; A sends 5@3 + 4@; USR1
# tests: ledger:interest_calls>4
/^static void serve_client/,/^}/s/    conn_flush(c, l);/    if (buffer_length(\&c->out) == 0 || (c->told \& EPOLLOUT))\
        conn_flush(c, l);/
