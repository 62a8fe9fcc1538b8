# INT64_MIN % -1 likewise
# file: common/calc.c
# tests: unit
s/\*result = y == -1 ? 0 : x % y;/*result = x % y;/
