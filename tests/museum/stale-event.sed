# clients are closed between the wait and what it reported
# file: select_server/select_server.c
# scene: -i 0.2; A opens; STOP; A leaves; run sleep 0.3; CONT
# tests: end:11
/^static void run/,/^}/{
    /^        expire_clients(s);/d
    s/        loop_read_clock(l);/&\
        expire_clients(s);/
}
