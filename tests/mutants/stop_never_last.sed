# after a stop requests are still answered
# file: common/conn.c
# tests: unit
s/c->read_left = ioctl.*/(void)unread;/
