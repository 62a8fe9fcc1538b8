# close at once, whatever lies unread
# file: common/conn.c
# tests: scenarios:farewell/late-reader
# server: epoll_lt_server
/^static void take_leave/,/^}/s/if (c->state == CONN_ENDING) {/if (c->state != CONN_LEAVING) {/
