# a frame that is cut short is not said to be bad
# file: common/conn.c
# tests: unit
/service_cut(/d
