# the highest descriptor is not watched
# file: select_server/select_server.c
# tests: scenarios:frames/sum
s/s->nfds = c->fd + 1;/s->nfds = c->fd;/
