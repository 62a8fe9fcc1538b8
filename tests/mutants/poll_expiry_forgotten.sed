# nobody looks for clients whose clock has expired
# file: poll_server/poll_server.c
# tests: scenarios:clocks/quiet
/^ *expire_clients(s);/d
