# a payload counts as whole one byte too soon
# file: common/frame.c
# tests: unit
s/if (n - i <= length)/if (n - i < length)/
