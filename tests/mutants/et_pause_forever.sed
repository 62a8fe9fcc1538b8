# after a pause the listener is not watched again
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:descriptors/
/clock_rings(&sh->clock, CLOCK_ACCEPT)/{n;s/watch_listener(s, true)//;}
