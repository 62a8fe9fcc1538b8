# revents & POLLOUT > 0 asks whether POLLIN is set
# file: poll_server/poll_server.c
# tests: scenarios:backpressure/finished-unread
# grade: 4 half-close-unanswered
# warning: parentheses
/^static void run/,/^}/s/} else if (i != SIGNALS && !signals_waiting()) {/} else if (i != SIGNALS \&\& !signals_waiting()\
                       \&\& (slots[i].revents \& POLLIN > 0\
                           || slots[i].revents \& POLLOUT > 0)) {/
