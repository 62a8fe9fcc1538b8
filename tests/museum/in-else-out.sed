# an event that says IN and OUT is taken for IN alone
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:backpressure/finished-unread
# grade: 4 forgotten-edge
/^static void watch/,/^}/s/    if (!control(s, EPOLL_CTL_ADD/    c->heard = EPOLLOUT;    \/* it is new: there is room *\/\
&/
/^static void hear_client/,/^}/s/    c->heard |= events;/    if (events \& EPOLLIN)\
        c->heard |= events \& ~(uint32_t)EPOLLOUT;\
    else if (events \& EPOLLOUT)\
        c->heard |= events;/
