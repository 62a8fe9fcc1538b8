# nobody minds SIGPIPE
# file: common/conn.c common/program.c
# tests: end:13
# scene: --read-size 8; A opens; STOP; A sends 5@1 + 2@; A sends 5@3 + 4@; A leaves; CONT
# grade: 4 sigpipe
# server: epoll_lt_server
/^enum io conn_flush/,/^}/s/MSG_NOSIGNAL/0/
/signal(SIGPIPE, SIG_IGN);/d
