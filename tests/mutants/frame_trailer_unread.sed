# any byte may close a frame
# file: common/frame.c
# tests: unit
s/if (bytes\[i + length\] != '@')/if (0)/
