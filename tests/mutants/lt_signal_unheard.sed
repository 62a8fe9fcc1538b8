# the self-pipe is not read
# file: epoll_lt_server/epoll_lt_server.c
# tests: scenarios:stopping/idle
/if (signals_waiting() \&\&/{N;d;}
