# numbers beyond int64 wrap around
# file: common/calc.c
# tests: unit
s/ || sum > MAGNITUDE_MAX + negative)/)/
