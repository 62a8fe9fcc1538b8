# a space passes for an operator
# file: common/calc.c
# tests: unit
s/ && p\[1\] != ' '//
