# our FIN does not wait for the replies
# file: common/conn.c
# tests: unit
s/return n > 0 ? IO_PART : IO_AGAIN;/;/
