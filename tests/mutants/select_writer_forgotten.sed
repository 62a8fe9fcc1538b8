# the write set is not updated
# file: select_server/select_server.c
# tests: fuzz
/^static void update/,/^}/{/writers/d;}
