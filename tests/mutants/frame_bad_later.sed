# a bad frame is known only when five bytes are there
# file: common/frame.c
# tests: unit
s/if (i == 0 || bytes\[i\] != '@')/if (n < 5 \&\& bytes[i] != '@')\n        return FRAME_PARTIAL;\n    &/
