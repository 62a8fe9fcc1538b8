# a wait ends just before the time
# file: common/clock.c
# tests: unit
s/ + (ns % 1000000 > 0)//
