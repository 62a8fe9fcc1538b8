# the write set is not updated
# file: select_server/select_server.c
# tests: fuzz
/ update(struct server/,/^}/{/writers/d;}
