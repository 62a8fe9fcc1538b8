# interest is not updated after a turn
# file: poll_server/poll_server.c
# tests: fuzz
s/conn_finished(c) || !update(s, c)/conn_finished(c)/
