# one read an edge, and the edge is forgotten
# file: epoll_et_server/epoll_et_server.c
# tests: scenarios:frames/burst
# grade: 2 forgotten-edge
/^static void serve_client/,/^}/{
    /if (in == IO_AGAIN$/,/EPOLLERR))))$/c\
        if (in != IO_END)
}
