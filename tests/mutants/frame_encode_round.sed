# one digit too few for a length of 100
# file: common/frame.c
# tests: unit
s/if (length >= 100)/if (length > 100)/
