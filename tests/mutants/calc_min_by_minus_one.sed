# INT64_MIN / -1 is left to the processor, which traps
# file: common/calc.c
# tests: unit
s/if (y == -1) /if (0) /
