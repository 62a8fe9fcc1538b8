# after a stop requests are still answered
# file: common/conn.c
# tests: unit
s/c->may_read = ioctl.*/(void)unread;/
