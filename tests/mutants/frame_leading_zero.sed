# 007 passes for a length
# file: common/frame.c
# tests: unit
s/if (i == 1 && bytes\[0\] == '0')/if (0)/
