# room is asked for one reply too late
# file: common/service.c
# tests: unit fuzz
s/BUFFER_OUT - CALC_STEP_MAX/BUFFER_OUT - 1/
