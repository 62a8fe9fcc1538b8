# an edge heard while a signal waits is forgotten
# file: epoll_et_server/epoll_et_server.c
# tests: fuzz scenarios:signals/
/^static void hear_client/,/^}/s/    if (signals_waiting())/    if (signals_waiting())\n        c->heard \&= ~events;\n    else if (false)/
