# room is asked for one reply too late
# file: common/service.c
# tests: unit fuzz
s/BUFFER_OUT - 2 \* CALC_STEP_MAX/BUFFER_OUT - 1/
