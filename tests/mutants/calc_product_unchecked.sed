# factors of 33 bits are not asked about overflow
# file: common/calc.c
# tests: unit
s/(a | b) >> 31 != 0/(a | b) >> 33 != 0/
