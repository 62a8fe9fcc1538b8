# a client that is gone already counts as want of descriptors
# file: common/net.c
# tests: unit
s/return NET_GONE;/return NET_FAILED;/
