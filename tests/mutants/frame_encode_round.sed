# one digit too few for a length of 100
# file: common/frame.c
# tests: unit
s/length < 100 ? 2/length <= 100 ? 2/
