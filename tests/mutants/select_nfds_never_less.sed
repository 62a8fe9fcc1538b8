# the highest descriptor is described for ever, after its client has gone
# file: select_server/select_server.c
# tests: fuzz
s/^        s->nfds--;/        break;/
