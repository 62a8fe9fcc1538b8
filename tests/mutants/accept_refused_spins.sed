# errors of accept that last are taken for those of one client
# file: common/net.c
# tests: unit rows:accept-refused
s/case EINTR: case ECONNABORTED:/case EINTR: case EPERM: case EINVAL: case ENOSYS: case ECONNABORTED:/
