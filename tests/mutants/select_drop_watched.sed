# a client that goes stays in the read set
# file: select_server/select_server.c
# tests: scenarios:crowd/churn
/^static void drop/,/^}/{/readers/d;}
