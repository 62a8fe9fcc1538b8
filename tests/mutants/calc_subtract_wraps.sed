# a difference wraps around
# file: common/calc.c
# tests: unit
s/x < INT64_MIN + y : x > INT64_MAX + y/0 : x > INT64_MAX + y/
