# without memory for the input the output stays borrowed
# file: common/conn.c
# tests: unit
s/bool out_kept = /bool out_kept = !in_kept || /
