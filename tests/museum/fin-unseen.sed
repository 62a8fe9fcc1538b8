# recv returns 0, and nobody looks
# file: common/conn.c
# tests: scenarios:half-close/nothing-said
# grade: 4 spins-after-fin
# server: epoll_lt_server
/^enum io conn_fill/,/^}/s/if (n == 0) {/if (n < 0) {/
