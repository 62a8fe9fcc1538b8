# errno is looked at though recv did not fail
# file: common/conn.c
# tests: screen:3@3 0@
# scene: A opens; STOP; A sends 5@1 + 2@; CONT; A sends 5@3 + 4@
# server: epoll_lt_server
/^enum io conn_fill/,/^}/s/while (n < 0 && errno == EINTR)/while (errno == EINTR)/
