# interest is not updated after a turn
# file: poll_server/poll_server.c
# tests: fuzz
/^static void serve_client/,/^}/{/else/,$s/update(s, c);/;/;}
