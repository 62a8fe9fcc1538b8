# a short read says drained, though a FIN stands behind it
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz
/in == IO_PART$/{N;s/\n.*/))/;}
