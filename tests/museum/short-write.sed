# what send took is not looked at
# file: common/conn.c
# tests: scenarios:backpressure/finished-unread
# grade: 4 short-write
# server: poll_server
/^enum io conn_flush/,/^}/s/out->start += (uint32_t)n;/out->start = out->end;/
