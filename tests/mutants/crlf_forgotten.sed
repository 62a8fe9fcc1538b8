# a line feed is answered with a line feed alone
# file: common/service.c
# tests: unit
s/\*to++ = '\\r';//
