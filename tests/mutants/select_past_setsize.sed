# the guard on FD_SETSIZE is dropped
# file: select_server/select_server.c
# tests: scenarios:descriptors/fd-setsize
s/ || fd >= FD_SETSIZE)/)/
